"""Stops a lane whose provider fails again and again, tries it carefully, and lets it go on."""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from dashboard.choices import Breaker
from dashboard.models import Lane
from dashboard.services.lanes import Lease


def succeeded(lane_id: int, took_ms: int) -> None:
    """Record an answer that can be trusted: it closes the breaker."""
    fields = {"failures": 0, "openings": 0, "breaker": Breaker.CLOSED, "probe_at": 0.0}
    Lane.objects.filter(pk=lane_id).update(last_success_at=timezone.now(), last_took_ms=took_ms, **fields)


def failed(lane_id: int, limit: int, text: str, *, at_once: bool = False) -> None:
    """Count a server error, a lost answer or an unreachable host; at `limit` in a row the breaker opens."""
    lanes = Lane.objects.filter(pk=lane_id)
    lanes.update(failures=F("failures") + 1, last_error=text[:500], last_error_at=timezone.now())
    enough = Q() if at_once else Q(failures__gte=limit) | Q(breaker=Breaker.PROBING)
    openings = lanes.values_list("openings", flat=True).first() or 0
    opening = lanes.exclude(breaker=Breaker.OPEN).filter(enough)
    opening.update(breaker=Breaker.OPEN, openings=F("openings") + 1, probe_at=time.time() + pause(openings))


def pause(openings: int) -> float:
    """Seconds until the next probe: twice as long after each opening without a success between."""
    return float(min(settings.BREAKER_PAUSE * 2 ** min(openings, 20), settings.BREAKER_LONGEST))


def begin_probe(lease: Lease) -> bool:
    """Let a lane try again when its pause is over; whether it may."""
    due = lease.rows().filter(breaker=Breaker.OPEN, probe_at__lte=time.time())
    return bool(due.update(breaker=Breaker.PROBING))


def trust(lease: Lease, limit: int) -> None:
    """Close the breaker of a lane that passed its probe and has nothing to try; one more failure opens it again."""
    lease.rows().filter(breaker=Breaker.PROBING).update(breaker=Breaker.CLOSED, failures=limit - 1)


def note(lane_id: int, text: str) -> None:
    """Keep the last trouble of a lane for the screen."""
    Lane.objects.filter(pk=lane_id).update(last_error=text[:500], last_error_at=timezone.now())
