"""What answers prove: meanings that every HTTP vendor shares, and the small readers that outcomes are made with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.answers import MOST_SAID
from providers.types import Json, Outcome, Signal, Verdict

UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
BIGGEST_ID = 2**63 - 1
"""The highest id that a vendor's 64 bits hold."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer of one kind proves, and what people are told about it."""

    verdict: Verdict
    code: str
    """The outcome's code after the provider's key and a dot."""
    explanation: str | Promise
    advice: str | Promise = ""
    signal: Signal = Signal.NONE
    proves_earlier: bool = False

    def outcome(self, provider: str, said: str = "", references: tuple[tuple[str, str], ...] = ()) -> Outcome:
        """The outcome, worded in the language that is active now."""
        return Outcome(
            verdict=self.verdict,
            code=f"{provider}.{self.code}",
            said=readable(said),
            explanation=str(self.explanation),
            advice=str(self.advice),
            references=references,
            proves_earlier=self.proves_earlier,
        )


REDIRECTED = Meaning(
    Verdict.IN_DOUBT,
    "redirected",
    _("The host answered by sending us to another address, where we never go. Whether the request was carried out is unknown."),
    _("An admin has to check the connection's address: something between this desk and the provider answers in its place."),
    Signal.REDIRECTED,
)
SERVER_ERROR = Meaning(
    Verdict.IN_DOUBT,
    "server_error",
    _("The provider had an error of its own after it took the request. Whether it was carried out is unknown."),
    signal=Signal.FAULT,
)
UNEXPECTED = Meaning(
    Verdict.IN_DOUBT,
    "unexpected",
    _("The provider answered with a status that its documentation does not name. Whether the request was carried out is unknown."),
    signal=Signal.FAULT,
)
UNREADABLE = Meaning(
    Verdict.IN_DOUBT,
    "unreadable",
    _("The answer says success, but its content is cut short or is not what the provider documents. It was probably carried out."),
    signal=Signal.FAULT,
)
THROTTLED = Meaning(
    Verdict.NOT_SENT,
    "throttled",
    _("Too many requests reached the provider at once, so it did not process this one."),
    _("It is sent again by itself, more slowly."),
    Signal.THROTTLED,
)
TOO_LARGE = Meaning(
    Verdict.NOT_SENT,
    "too_large",
    _("The request is larger than the provider takes, so it was not processed."),
    _("Shorten its texts."),
    Signal.TOO_LARGE,
)
TIMED_OUT = Meaning(
    Verdict.IN_DOUBT,
    "timed_out",
    _("The provider gave up waiting for the request. Whether it was carried out is unknown."),
    signal=Signal.FAULT,
)
USUAL = {408: TIMED_OUT, 413: TOO_LARGE, 417: TOO_LARGE, 429: THROTTLED}


def usual(status: int) -> Meaning:
    """What a status means where the provider documents nothing else: in doubt, unless HTTP itself says more."""
    if status in USUAL:
        return USUAL[status]
    if 300 <= status < 400:
        return REDIRECTED
    return SERVER_ERROR if status >= 500 else UNEXPECTED


def readable(text: str, limit: int = MOST_SAID) -> str:
    """The text without what a database or a page cannot hold, cut to `limit` characters."""
    return UNSTORABLE.sub(" ", text[: limit * 2]).strip()[:limit]


def identity(value: Json) -> str:
    """An id that is a whole number, as text; empty for anything else, like true, 1.5 or a number beyond 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    return str(value) if 0 <= value <= BIGGEST_ID else ""


def texts(value: Json) -> Iterator[str]:
    """Every text inside a JSON value, in its order, keys left out. Not recursive: depth does not matter."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, Mapping):
            waiting.extend(reversed(list(current.values())))
        elif isinstance(current, list):
            waiting.extend(reversed(current))
