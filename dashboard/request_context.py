"""Who is acting, from where and in which request: set by the middleware, read by the audit trail and the logs."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """The circumstances of what is being done."""

    request_id: str = ""
    address: str = ""
    session: str = ""
    """The mark of the session, never its key."""


acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039
