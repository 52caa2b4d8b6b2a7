"""What can go wrong before there is an answer to read. Each error says what may happen next.

ProviderError
├── NotConfigured    an address or a secret is missing: an admin has to act; nothing left
├── CannotExpress    the input has something that the request cannot carry: the person corrects it; nothing left
├── NotSent          provably not one byte of the request left: it may be tried again
├── LostAnswer       bytes left and no answer was read: in doubt; only the provider's repeat rule may act
└── BadAnswer        a token, probe or look-up was answered, but not as documented
    └── AccessRefused    … because the credentials were refused: an admin has to act
"""

from __future__ import annotations

from enum import StrEnum


class ProviderError(Exception):
    """The base of all errors that the vendor library raises. Its text is safe to show to a user."""


class NotConfigured(ProviderError):
    """An address or a secret is missing."""


class CannotExpress(ProviderError):
    """The input holds something that this provider's request cannot carry."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Cause(StrEnum):
    """Why a call ended without an answer."""

    FORBIDDEN_ADDRESS = "forbidden_address"
    NAME_LOOKUP = "name_lookup"
    CONNECT = "connect"
    TLS = "tls"
    MARK_REFUSED = "mark_refused"
    TOKEN = "token"
    ILLEGAL_REQUEST = "illegal_request"
    DEADLINE = "deadline"
    CLOSED = "closed"
    GARBLED = "garbled"


class NotSent(ProviderError):
    """Provably no byte of the request left this machine."""

    def __init__(self, cause: Cause, message: str, took_ms: int = 0) -> None:
        super().__init__(message)
        self.cause = cause
        self.took_ms = took_ms


class LostAnswer(ProviderError):
    """The request left, at least in part, and no status line came back."""

    def __init__(self, cause: Cause, message: str, took_ms: int = 0) -> None:
        super().__init__(message)
        self.cause = cause
        self.took_ms = took_ms


class BadAnswer(ProviderError):
    """A token, probe or look-up request was answered, but not as documented."""

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AccessRefused(BadAnswer):
    """The credentials were refused."""
