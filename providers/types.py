"""The values that pass between a provider's forms, its request builder, the wire and its answer reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""A value that the standard json module reads and writes."""


class Verdict(StrEnum):
    """The four ways in which a dispatch can end."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    IN_DOUBT = "in_doubt"


class Signal(StrEnum):
    """What an answer says about the connection or the whole call, beyond the fate of its commands."""

    NONE = "none"
    THROTTLED = "throttled"
    """Too many requests: nothing was processed; slow the whole connection down."""
    TOKEN_REFUSED = "token_refused"
    """401: nothing was processed; a fresh token may be asked for once."""
    ACCESS_REFUSED = "access_refused"
    """The credentials lack the right: nothing was processed; the connection has to pause."""
    TOO_LARGE = "too_large"
    """The body was over the limit: nothing was processed; several commands may be tried in smaller calls."""
    TARGET_REFUSED = "target_refused"
    """The account is not set up for this: every dispatch like it would fail too; the connection has to pause."""
    FAULT = "fault"
    """A server error or an answer that cannot be trusted: counts towards the breaker."""
    REDIRECTED = "redirected"
    """The host sent us elsewhere: a security event; the connection has to pause."""


@dataclass(frozen=True, slots=True)
class Account:
    """One connection as a provider's pure functions see it: its addresses and options, without secrets."""

    provider: str
    name: str
    settings: Mapping[str, str]
    country: str = ""
    """ISO 3166 alpha-2 code in which national telephone numbers are read; empty when not set."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The decrypted secrets of one connection. Its repr shows names only."""

    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Command:
    """The validated, frozen input of one action. `values` is JSON and holds the vendor's own property names."""

    action: str
    key: str
    """The idempotency key: VCC's requestid, Acoustic's messageName; for CCAI an own id that does not travel."""
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Summary:
    """A command in words, for lists, confirmations and search."""

    target: str
    """What is addressed: a route's or message's name, an outbound number."""
    detail: str
    """The second line: external id, masked recipient, contact source."""
    sentence: str
    """One sentence that says what will happen."""
    references: tuple[tuple[str, str], ...] = ()
    """Searchable ids as (kind, value): request_id, external_id, message_name, ticket_id …"""
    personal: tuple[str, ...] = ()
    """Telephone numbers exactly as they stand in the body; masked wherever the body is displayed."""
    secrets: tuple[str, ...] = ()
    """Secret values exactly as given, like a header for somebody's endpoint; hidden whole wherever the body is displayed."""


@dataclass(frozen=True, slots=True)
class WireRequest:
    """An exact HTTP request, without its Authorization header."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    keys: tuple[str, ...] = ()
    """The keys of the commands that this request carries, in their order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `complete` is false when the body was cut short, oversized or compressed."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    complete: bool = True
    connected_ms: int = 0
    took_ms: int = 0

    def header(self, name: str) -> str:
        """The first header of that name, whatever its letter case; empty when absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer, or its absence, proves about one command."""

    verdict: Verdict
    code: str
    """A stable word for statistics and tests, like `acoustic.name_taken`."""
    said: str = ""
    """The provider's own words, at most 2,000 characters."""
    explanation: str = ""
    advice: str = ""
    references: tuple[tuple[str, str], ...] = ()
    """What the answer named, as (kind, value): job_id, chat_id, chat_status, agent …"""
    proves_earlier: bool = False
    """True when this refusal proves that an earlier attempt with the same key arrived."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as read by a provider: an outcome for every key that was sent, and what it says of the whole call."""

    outcomes: Mapping[str, Outcome]
    signal: Signal = Signal.NONE
    retry_after: float | None = None
    """Seconds the provider asked us to wait, between 0 and 900."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token with its life in seconds since the epoch."""

    value: str = field(repr=False)
    issued_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Item:
    """A catalogue item as forms see it: its name or id at the vendor, a label for people, further data."""

    key: str
    label: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A vendor's request body read back: which action it is and the form data that would make it again."""

    action: str
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up at the vendor returned: catalogue items, and where the list goes on."""

    items: Sequence[Item]
    next_page: str = ""
