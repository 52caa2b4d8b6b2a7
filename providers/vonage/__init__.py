from providers.base import *  # noqa

PROVIDER: Provider = None  # type: ignore
