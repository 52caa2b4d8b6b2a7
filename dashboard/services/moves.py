"""Where the rows of a call go: the rules that turn evidence into states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from dashboard.choices import State
from dashboard.models import Dispatch
from dashboard.services import repeats
from providers.base import Provider
from providers.types import Outcome, Signal, Verdict


class AfterRefusal(StrEnum):
    """What follows when the provider refused the access token: that call was not processed."""

    AGAIN = "again"
    """The rows stay in hand: the caller sends them once more with a fresh token."""
    PAUSE = "pause"
    """A fresh token was refused too: the connection pauses."""
    QUEUE = "queue"
    """Nobody has tried a fresh token yet: the rows go back to the queue."""


PAUSING = frozenset({Signal.ACCESS_REFUSED, Signal.TARGET_REFUSED, Signal.REDIRECTED, Signal.TOKEN_REFUSED})
"""Signals after which a row that was not processed goes straight back to the queue of a connection that pauses."""
LATE = frozenset({State.IN_DOUBT, State.WAITING, State.QUEUED})
"""Where a row may be when the answer to an attempt comes after its worker was given up."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row's way: its new state with all that is to be known of it."""

    state: State
    outcome: Outcome
    due_at: datetime | None = None
    lost: bool = False
    """True when the attempt left and proved nothing."""
    call_group: str | None = None
    """A new group, where a call was split."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the moves of one call's rows depend on besides the outcome of each."""

    vendor: Provider
    signal: Signal
    refusal: AfterRefusal
    complete: bool
    """Whether the whole answer was read."""
    held_until: datetime
    after_doubt: repeats.Next
    after_not_sent: repeats.Next
    alone: bool
    halves: tuple[str, str]
    first_half: frozenset[int]


def circumstances(
    vendor: Provider,
    rows: Sequence[Dispatch],
    signal: Signal,
    now: datetime,
    *,
    left_at: datetime,
    held_until: datetime,
    tie: str,
    refusal: AfterRefusal = AfterRefusal.QUEUE,
    complete: bool = True,
) -> Circumstances:
    """What the moves of these rows depend on.

    `left_at` is when the call left; `tie` is a fresh word from which the groups of a split are named.
    """
    return Circumstances(
        vendor=vendor,
        signal=signal,
        refusal=refusal,
        complete=complete,
        held_until=held_until,
        after_doubt=repeats.after_doubt(vendor.repeat, rows, now, left_at),
        after_not_sent=repeats.after_not_sent(rows, now),
        alone=len(rows) == 1,
        halves=(f"{tie[:14]}-a", f"{tie[:14]}-b"),
        first_half=frozenset(row.pk for row in rows[: (len(rows) + 1) // 2]),
    )


def answered(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
    """The way of a row whose call was answered."""
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return Move(State.ACCEPTED, outcome)
        case Verdict.REJECTED:
            return _rejected(row, outcome, around)
        case Verdict.NOT_SENT:
            return _not_processed(row, outcome, around)
    return doubtful(outcome, around)


def doubtful(outcome: Outcome, around: Circumstances) -> Move:
    """The way of a row whose attempt left and proved nothing."""
    then = around.after_doubt
    return Move(then.state, _with_advice(outcome, around.vendor), then.due_at, lost=True)


def _rejected(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
    if not row.unanswered:
        return Move(State.REJECTED, outcome)
    if outcome.proves_earlier and around.vendor.proves(row.key, row.ref):
        proof = _("An earlier attempt, whose answer was lost, arrived: this refusal proves it.")
        return Move(State.ACCEPTED, replace(outcome, verdict=Verdict.ACCEPTED, explanation=proof, advice=""))
    if not around.complete:
        # The words that would have proved the earlier attempt may be in the part that was cut off.
        return doubtful(outcome, around)
    return Move(State.IN_DOUBT, _still_doubtful(outcome, around.vendor))


def _still_doubtful(outcome: Outcome, vendor: Provider) -> Outcome:
    """Doubt sticks: a refusal now does not prove that the earlier attempt, whose answer was lost, did nothing."""
    text = _("It was refused now, but the answer to an earlier attempt was lost, and this does not prove that it did nothing. %(why)s")
    explanation = text % {"why": outcome.explanation}
    return _with_advice(replace(outcome, verdict=Verdict.IN_DOUBT, explanation=explanation.strip()), vendor)


def _with_advice(outcome: Outcome, vendor: Provider) -> Outcome:
    return outcome if outcome.advice else replace(outcome, advice=str(vendor.doubt_advice))


def _not_processed(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
    if around.signal is Signal.THROTTLED:
        return Move(State.WAITING, outcome, around.held_until)
    if around.signal is Signal.TOKEN_REFUSED and around.refusal is AfterRefusal.AGAIN:
        return Move(State.CLAIMED, outcome)
    if around.signal in PAUSING:
        return Move(State.QUEUED, outcome)
    if around.signal is Signal.TOO_LARGE and not row.unanswered:
        return _too_large(row, outcome, around)
    return Move(State.WAITING, outcome, around.after_not_sent.due_at)


def _too_large(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
    if around.alone:
        return Move(State.REJECTED, replace(outcome, verdict=Verdict.REJECTED))
    return Move(State.QUEUED, outcome, call_group=around.halves[row.pk not in around.first_half])
