"""Faults that can be switched on: what goes wrong, for which calls, how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from providers.sandbox.types import Headers, Reply


class Kind(StrEnum):
    """What goes wrong."""

    ANSWER = "answer"
    """`status`, `headers` and `body` are answered."""
    REDIRECT = "redirect"
    """`status` (302 when not given) with `location`."""
    PORTAL = "portal"
    """200 with a sign-in page in HTML, as a captive portal answers."""
    MALFORMED = "malformed"
    """200 as JSON that is none."""

    UNREAD = "unread"
    """The connection is closed before the request is read."""
    RESET_IN_BODY = "reset_in_body"
    """The connection is reset after the head of the request, before its body is read."""
    CLOSE = "close"
    """The connection is closed after the request was read."""
    RESET = "reset"
    """The connection is reset after the request was read."""
    HANG = "hang"
    """Nothing is answered for `seconds` (an hour when not given); then the connection is closed."""
    GARBAGE = "garbage"
    """`body` is written as it is, in place of HTTP; then the connection is closed."""

    DELAY = "delay"
    """The call is handled after `seconds`; with `effect`, handled at once and answered after `seconds`."""
    DRIP_HEADERS = "drip_headers"
    """The head of the answer comes byte by byte, every `seconds` one."""
    DRIP_BODY = "drip_body"
    """The body of the answer comes byte by byte, every `seconds` one."""
    CUT_BODY = "cut_body"
    """Content-Length is right, but only `size` bytes of the body (half when not given) come before the close."""
    CUT_CHUNKED = "cut_chunked"
    """The body comes in chunks, of which the last ones are missing."""
    GZIP_BOMB = "gzip_bomb"
    """A compressed body that expands to `size` bytes (50,000,000 when not given)."""
    OVERSIZE = "oversize"
    """The body, filled up with spaces to `size` bytes (2,000,000 when not given)."""
    STALE = "stale"
    """The answer is right, and the connection is reset as soon as the next request arrives on it."""


NEED_AN_ANSWER = frozenset(
    {Kind.DRIP_HEADERS, Kind.DRIP_BODY, Kind.CUT_BODY, Kind.CUT_CHUNKED, Kind.GZIP_BOMB, Kind.OVERSIZE, Kind.STALE},
)
PORTAL_PAGE = b"<!doctype html><title>Sign in to this network</title><form method=post><input name=user><input name=password></form>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One switched-on fault. Vendor, method and path say which calls count; `first` and `times` which of those it strikes."""

    kind: Kind
    vendor: str = ""
    """A provider's key; empty for all."""
    path: str = "*"
    """A pattern over the path without the vendor's prefix."""
    method: str = ""
    first: int = 1
    """The first of the counted calls that it strikes, 1 for the next one."""
    times: int = 1
    """How many it strikes from there; 0 for all."""
    effect: bool | None = None
    """Whether the vendor does its work first. None: yes for the kinds that spoil the vendor's own answer, no for others."""
    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    seconds: float = 0.0
    size: int = 0
    location: str = ""

    @property
    def works_first(self) -> bool:
        """Whether the vendor does its work before the fault strikes."""
        return self.kind in NEED_AN_ANSWER if self.effect is None else self.effect

    def concerns(self, vendor: str, method: str, path: str) -> bool:
        """Whether such a call counts."""
        return self.vendor in ("", vendor) and self.method.upper() in ("", method) and fnmatchcase(path, self.path)

    def reply(self, real: Reply | None) -> Reply:
        """The answer to write: the vendor's own where the fault gives none."""
        match self.kind:
            case Kind.REDIRECT:
                return Reply(self.status or 302, (("Location", self.location), *self.headers), self.body)
            case Kind.PORTAL:
                return Reply(self.status or 200, (("Content-Type", "text/html; charset=utf-8"), *self.headers), self.body or PORTAL_PAGE)
            case Kind.MALFORMED:
                return Reply(self.status or 200, (("Content-Type", "application/json"), *self.headers), self.body or b'{"id": 1,')
        if self.status or real is None:
            return Reply(self.status or 200, self.headers or (("Content-Type", "application/json"),), self.body)
        return real


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0


@dataclass(slots=True)
class Faults:
    """The faults that are switched on. Of several that strike one call, the earliest added acts."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Switch all faults off. Those at work go on until they are through."""
        with self._lock:
            self._armed.clear()

    def all(self) -> list[Fault]:
        """The faults that are on, those that are used up included."""
        with self._lock:
            return [armed.fault for armed in self._armed]

    def strike(self, vendor: str, method: str, path: str) -> Fault | None:
        """Count a call that arrives, and say which fault strikes it."""
        striking = None
        with self._lock:
            for armed in self._armed:
                if armed.fault.concerns(vendor, method, path):
                    armed.seen += 1
                    if striking is None and _struck(armed):
                        striking = armed.fault
        return striking


def _struck(armed: _Armed) -> bool:
    past = armed.seen - armed.fault.first
    return past >= 0 and (armed.fault.times == 0 or past < armed.fault.times)
