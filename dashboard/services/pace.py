"""How often a lane may call: evenly spaced, kept in the database, so that it holds across workers and restarts."""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest

from dashboard.models import Lane
from dashboard.services.failpoints import hit
from dashboard.services.lanes import CLOCK_SLACK, Lease


def spacing(lane: Lane, now: float) -> float:
    """Seconds between two calls; doubled for a while after the provider asked for fewer."""
    if not lane.calls:
        return 0.0
    return lane.per_seconds / lane.calls * (2 if lane.slow_until > now else 1)


def take(lease: Lease, lane: Lane) -> float:
    """Take the next slot: 0 when a call may start now, otherwise the seconds until it may."""
    now = time.time()
    gap = spacing(lane, now)
    if not gap:
        return 0.0
    if now < lane.next_call_at <= now + 2 * gap + CLOCK_SLACK:
        return lane.next_call_at - now
    if not lease.rows().filter(next_call_at=lane.next_call_at).update(next_call_at=now + gap):
        return gap
    hit("pace.taken")
    return 0.0


def slow_down(lane_id: int, retry_after: float | None) -> float:
    """Hold a lane after "too many requests" and halve its pace for a while; returns until when it is held."""
    now = time.time()
    until = now + (settings.THROTTLE_PAUSE if retry_after is None else retry_after)
    lanes = Lane.objects.filter(pk=lane_id)
    lanes.update(hold_until=Greatest(F("hold_until"), Value(until)), slow_until=Greatest(F("slow_until"), Value(until + settings.SLOW_FOR)))
    return until
