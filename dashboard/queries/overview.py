"""The figures of the overview."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, IntegerField, Min, QuerySet, Value, When
from django.utils import timezone
from django.utils.text import Truncator

from dashboard.choices import OUTCOMES, State
from dashboard.models import Dispatch
from dashboard.queries import history
from providers.base import Provider
from providers.registry import PROVIDERS

ANSWERS_MEASURED = 2_000
"""The newest answers from which median and 95th percentile are taken."""
LONGEST_REASON = 120
"""Characters that are shown of why most were rejected."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The counts by outcome of one hour or day."""

    at: datetime
    counts: dict[State, int]

    @property
    def total(self) -> int:
        """All dispatches of this hour or day that have an outcome."""
        return sum(self.counts.values())


class Counted(NamedTuple):
    """So many dispatches of one slot of time, provider and outcome."""

    slot: int
    provider: str
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the overview says of a span of time."""

    since: datetime
    by_outcome: dict[State, int]
    by_provider: list[tuple[Provider, dict[State, int]]]
    most_rejected: str
    """The most frequent rejection in our words, or else in the provider's; empty when there was none."""
    doubts: int
    oldest_doubt: datetime | None
    retrying: int
    median_ms: int | None
    slow_ms: int | None
    """The 95th percentile."""
    bars: list[Bar]

    @property
    def total(self) -> int:
        """All dispatches with an outcome."""
        return sum(self.by_outcome.values())

    @property
    def accepted_share(self) -> float:
        """Accepted as per cent of what has an outcome."""
        return 100 * self.by_outcome[State.ACCEPTED] / self.total if self.total else 0.0


def figures(span: str) -> Figures:
    """The figures of a span, one of the keys of history.SPANS but `all`."""
    since = history.since(span)
    assert since is not None
    # With an end, and not narrowed by state: otherwise SQLite takes the index of the states, and goes through all years.
    rows = Dispatch.objects.filter(created_at__gte=since, created_at__lte=timezone.now())
    slots = _slots(since, hourly=span == "24h")
    counted = _counted(rows, slots)
    by_outcome, by_provider = _totals(counted)
    median, slow = _answer_times(rows)
    doubts = history.in_doubt().aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Figures(
        since=since,
        by_outcome=by_outcome,
        by_provider=by_provider,
        most_rejected=_most_rejected(rows),
        doubts=doubts["count"],
        oldest_doubt=doubts["oldest"],
        retrying=Dispatch.objects.filter(state=State.WAITING).count(),
        median_ms=median,
        slow_ms=slow,
        bars=_bars(counted, slots),
    )


def _counted(rows: QuerySet[Dispatch], slots: list[datetime]) -> list[Counted]:
    """How many there are of each slot, provider and outcome, in one pass over the index.

    Slots are told apart by comparing: the databases' own calendars cost many times as much, and SQLite has none.
    """
    cut = Case(
        *(When(created_at__lt=end, then=Value(at)) for at, end in enumerate(slots[1:])),
        default=Value(len(slots) - 1),
        output_field=IntegerField(),
    )
    found = rows.annotate(slot=cut).values_list("slot", "provider", "state").annotate(count=Count("pk")).order_by()
    every = [Counted(*row) for row in found]
    return [counted for counted in every if counted.state in OUTCOMES and counted.provider in PROVIDERS]


def _totals(counted: list[Counted]) -> tuple[dict[State, int], list[tuple[Provider, dict[State, int]]]]:
    totals = dict.fromkeys(OUTCOMES, 0)
    per_provider: dict[str, dict[State, int]] = {key: dict.fromkeys(OUTCOMES, 0) for key in PROVIDERS}
    for _slot, provider, state, number in counted:
        totals[State(state)] += number
        per_provider[provider][State(state)] += number
    return totals, [(PROVIDERS[key], counts) for key, counts in per_provider.items() if any(counts.values())]


def _most_rejected(rows: QuerySet[Dispatch]) -> str:
    rejected = rows.filter(state=State.REJECTED)
    most = rejected.values("outcome_code").annotate(count=Count("pk")).order_by("-count", "outcome_code").first()
    if most is None:
        return ""
    example = rejected.filter(outcome_code=most["outcome_code"]).order_by("-id").values_list("explanation", "said").first()
    return Truncator(example[0] or example[1]).chars(LONGEST_REASON) if example else ""


def _answer_times(rows: QuerySet[Dispatch]) -> tuple[int | None, int | None]:
    newest = rows.filter(took_ms__isnull=False).order_by("-created_at").values_list("took_ms", flat=True)[:ANSWERS_MEASURED]
    times = sorted(time for time in newest if time is not None)
    if not times:
        return None, None
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]


def _bars(counted: list[Counted], slots: list[datetime]) -> list[Bar]:
    counts: list[Counter[State]] = [Counter() for _slot in slots]
    for slot, _provider, state, number in counted:
        counts[slot][State(state)] += number
    return [Bar(at, dict(found)) for at, found in zip(slots, counts, strict=True)]


def _slots(since: datetime, *, hourly: bool) -> list[datetime]:
    if hourly:
        return _hours(since)
    local = timezone.localtime(since)
    days = (timezone.localdate() - local.date()).days
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return [timezone.make_aware(midnight + timedelta(days=day)) for day in range(days + 1)]


def _hours(since: datetime) -> list[datetime]:
    """The reader's hours from that of `since` to the present one. Where clocks are changed between, one stands twice or not at all."""
    moments = (timezone.localtime(since.astimezone(UTC) + timedelta(hours=hours)) for hours in range(25))
    return [moment.replace(minute=0, second=0, microsecond=0) for moment in moments]
