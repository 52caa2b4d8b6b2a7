"""The settings as the type checker's Django plugin reads them: the project's own, in the tests' environment."""

import tests.environment
from config.settings import *  # noqa: F403

__all__ = ["tests"]
