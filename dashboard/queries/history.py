"""The history as lists: filters, newest first, paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.choices import OPEN, State
from dashboard.models import Dispatch
from dashboard.queries.search import find

SPANS: dict[str, tuple[str | Promise, timedelta | None]] = {
    "24h": (_("Last 24 hours"), timedelta(hours=24)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
    "all": (_("Any time"), None),
}
BY_OUTCOME: dict[str, tuple[str | Promise, Q]] = {
    "accepted": (State.ACCEPTED.label, Q(state=State.ACCEPTED)),
    "rejected": (State.REJECTED.label, Q(state=State.REJECTED)),
    "not_sent": (State.NOT_SENT.label, Q(state=State.NOT_SENT)),
    "in_doubt": (State.IN_DOUBT.label, Q(state=State.IN_DOUBT)),
    "under_way": (_("Under way"), Q(state__in=sorted(OPEN - {State.HELD})) | Q(state=State.HELD, scheduled=False)),
    "scheduled": (_("Scheduled"), Q(state=State.HELD, scheduled=True)),
    "cancelled": (State.CANCELLED.label, Q(state=State.CANCELLED)),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader of the history asked for. Empty values do not narrow."""

    provider: str = ""
    connection: str = ""
    outcome: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def dispatches(filters: Filters) -> QuerySet[Dispatch]:
    """The dispatches that pass the filters, with what a list shows of them."""
    rows = Dispatch.objects.select_related("connection", "item", "decision").defer("command_sealed")
    narrowing = {
        "provider": filters.provider,
        "connection__name": filters.connection,
        "created_by_name": filters.by,
        "created_at__gte": filters.since,
        "created_at__lt": filters.until,
    }
    rows = rows.filter(**{name: value for name, value in narrowing.items() if value})
    if filters.outcome:
        rows = rows.filter(BY_OUTCOME[filters.outcome][1])
    return find(rows, filters.text) if filters.text else rows


def since(span: str) -> datetime | None:
    """The beginning of a span that ends now; None for any time."""
    length = SPANS[span][1]
    return timezone.now() - length if length else None


def in_doubt() -> QuerySet[Dispatch]:
    """Dispatches in doubt that nobody has decided about yet."""
    return Dispatch.objects.filter(state=State.IN_DOUBT, decision=None).select_related("connection", "item").defer("command_sealed")


def under_way() -> QuerySet[Dispatch]:
    """Dispatches that are leaving, queued, being sent or waiting to be tried again, newest first."""
    rows = Dispatch.objects.filter(BY_OUTCOME["under_way"][1]).select_related("connection", "item")
    return rows.defer("command_sealed").order_by("-id")


def scheduled() -> QuerySet[Dispatch]:
    """Dispatches that wait for their time, the next one first."""
    return (
        Dispatch.objects.filter(state=State.HELD, scheduled=True)
        .select_related("connection", "item")
        .defer("command_sealed")
        .order_by("due_at", "id")
    )
