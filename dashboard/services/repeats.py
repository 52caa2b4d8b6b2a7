"""When something may be tried again: the back-off of what provably did not leave, and the providers' repeat rules."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from dashboard.choices import State
from dashboard.models import Dispatch
from providers.base import Repeat
from providers.registry import PROVIDERS

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Next:
    """The state a row goes to, and when it is due again there."""

    state: State
    due_at: datetime | None = None


def back_off(attempts: int) -> float:
    """Seconds to wait after that many attempts, with full jitter."""
    longest = settings.BACK_OFF[min(max(attempts, 1), len(settings.BACK_OFF)) - 1]
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def after_not_sent(rows: Sequence[Dispatch], now: datetime) -> Next:
    """What follows when nothing left: a try after the back-off. Giving up is the sweeper's."""
    return Next(State.WAITING, now + timedelta(seconds=back_off(max((row.attempts for row in rows), default=1))))


def after_doubt(rule: Repeat, rows: Sequence[Dispatch], now: datetime, left_at: datetime) -> Next:
    """What follows when an attempt of these rows, which travelled together, left at `left_at` and was not answered."""
    wait = _wait(rule, max((repeats_made(row) for row in rows), default=0))
    due = now + timedelta(seconds=wait or 0)
    if wait is None or any(due > ends_at(rule, row, left_at) for row in rows):
        return Next(State.IN_DOUBT)
    if any(row.crashes >= settings.CRASHES_ALLOWED for row in rows):
        return Next(State.IN_DOUBT)
    return Next(State.WAITING, due)


def repeats_made(row: Dispatch) -> int:
    """How many repeats there were once the attempt that just ended is counted."""
    return row.repeats + 1 if row.unanswered else 0


def _wait(rule: Repeat, made: int) -> float | None:
    if rule is Repeat.SAME_ID:
        return settings.REPEAT_WAITS[made] if made < len(settings.REPEAT_WAITS) else None
    if rule is Repeat.PROBE_NAME:
        return settings.PROBE_QUIET if made < settings.PROBE_TRIES else None
    return None


def ends_at(rule: Repeat, row: Dispatch, left_at: datetime) -> datetime:
    """Until when a row may be repeated of which an attempt left at `left_at`: counted from the first that was not answered."""
    return min((row.first_unanswered_at or left_at) + timedelta(seconds=window_of(rule)), row.give_up_at)


def in_time(now: datetime) -> Q:
    """The rows that may still be sent: not given up, and with nothing of them unanswered for longer than their provider's window."""
    repeatable = Q(unanswered=False)
    for key, since in windows(now).items():
        repeatable |= Q(provider=key, first_unanswered_at__gt=since)
    return Q(give_up_at__gt=now) & repeatable


def windows(now: datetime) -> dict[str, datetime]:
    """For each provider, the moment since which a first unanswered attempt must have left to be repeated still."""
    return {key: now - timedelta(seconds=window_of(provider.repeat)) for key, provider in PROVIDERS.items()}


def window_of(rule: Repeat) -> float:
    """Seconds after the first lost answer in which the machine may repeat."""
    return {Repeat.SAME_ID: float(settings.REPEAT_WINDOW), Repeat.PROBE_NAME: DAY, Repeat.NEVER: 0.0}[rule]
