"""The figures of the overview."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from dashboard.choices import OUTCOMES, State
from dashboard.models import Dispatch
from dashboard.queries import history
from providers.base import Provider
from providers.registry import PROVIDERS

ANSWERS_MEASURED = 2_000
"""The newest answers from which median and 95th percentile are taken."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The counts by outcome of one hour or day."""

    at: datetime
    counts: dict[State, int]

    @property
    def total(self) -> int:
        """All dispatches of this hour or day that have an outcome."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """What the overview says of a span of time."""

    since: datetime
    by_outcome: dict[State, int]
    by_provider: list[tuple[Provider, dict[State, int]]]
    most_rejected: str
    """The provider's words of the most frequent rejection; empty when there was none."""
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
    rows = Dispatch.objects.filter(created_at__gte=since)
    by_outcome, by_provider = _counts(rows)
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
        bars=_bars(rows, since, hourly=span == "24h"),
    )


def _counts(rows: QuerySet[Dispatch]) -> tuple[dict[State, int], list[tuple[Provider, dict[State, int]]]]:
    counted = (
        rows.filter(state__in=OUTCOMES, provider__in=PROVIDERS).values_list("provider", "state").annotate(count=Count("pk")).order_by()
    )
    totals = dict.fromkeys(OUTCOMES, 0)
    per_provider: dict[str, dict[State, int]] = {key: dict.fromkeys(OUTCOMES, 0) for key in PROVIDERS}
    for provider, state, count in counted:
        totals[State(state)] += count
        per_provider[provider][State(state)] += count
    return totals, [(PROVIDERS[key], counts) for key, counts in per_provider.items() if any(counts.values())]


def _most_rejected(rows: QuerySet[Dispatch]) -> str:
    rejected = rows.filter(state=State.REJECTED)
    most = rejected.values("outcome_code").annotate(count=Count("pk")).order_by("-count").first()
    if most is None:
        return ""
    example = rejected.filter(outcome_code=most["outcome_code"]).order_by("-id").values_list("said", "explanation").first()
    return (example[0] or example[1])[:120] if example else ""


def _answer_times(rows: QuerySet[Dispatch]) -> tuple[int | None, int | None]:
    newest = rows.filter(took_ms__isnull=False).order_by("-id").values_list("took_ms", flat=True)[:ANSWERS_MEASURED]
    times = sorted(time for time in newest if time is not None)
    if not times:
        return None, None
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]


def _bars(rows: QuerySet[Dispatch], since: datetime, *, hourly: bool) -> list[Bar]:
    zone = timezone.get_current_timezone()
    cut = TruncHour("created_at", tzinfo=zone) if hourly else TruncDay("created_at", tzinfo=zone)
    counted = rows.filter(state__in=OUTCOMES).annotate(slot=cut).values_list("slot", "state").annotate(count=Count("pk")).order_by()
    slots: dict[datetime, Counter[State]] = {slot: Counter() for slot in _slots(since, hourly=hourly)}
    for slot, state, count in counted:
        slots.setdefault(slot, Counter())[State(state)] += count
    return [Bar(at, dict(slots[at])) for at in sorted(slots)]


def _slots(since: datetime, *, hourly: bool) -> list[datetime]:
    local = timezone.localtime(since)
    if hourly:
        first = local.replace(minute=0, second=0, microsecond=0)
        return [first + timedelta(hours=hours) for hours in range(25)]
    days = (timezone.localdate() - local.date()).days
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return [timezone.make_aware(midnight + timedelta(days=day)) for day in range(days + 1)]
