"""A connection's queue as the workers share it, and the workers themselves."""

from __future__ import annotations

from django.db import models

from dashboard.choices import Breaker, ErrandState
from dashboard.models.connections import Connection


class Lane(models.Model):
    """The lease, pace and breaker of one connection. Moments are seconds since the epoch."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="lane")
    holder = models.CharField(max_length=80, blank=True)
    epoch = models.PositiveBigIntegerField(default=0)
    """Grows with every change of holder; rows carry the epoch under which they were claimed."""
    lease_until = models.FloatField(default=0)
    heartbeat_at = models.FloatField(default=0)
    in_flight_limit = models.PositiveSmallIntegerField()
    calls = models.PositiveIntegerField()
    """Calls in `per_seconds`; 0 keeps no pace."""
    per_seconds = models.FloatField()
    next_call_at = models.FloatField(default=0)
    slow_until = models.FloatField(default=0)
    """Until then the pace is halved, after the provider answered "too many requests"."""
    hold_until = models.FloatField(default=0)
    """No call starts before: a Retry-After, or a back-off."""
    breaker = models.CharField(max_length=10, choices=Breaker, default=Breaker.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    openings = models.PositiveIntegerField(default=0)
    """How often the breaker opened without a success between: its back-off grows with it."""
    probe_at = models.FloatField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_took_ms = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"lane {self.connection_id}"


class Worker(models.Model):
    """A worker process that was seen."""

    name = models.CharField(max_length=80, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)


class Chore(models.Model):
    """A periodic job that one worker at a time may do. Moments are seconds since the epoch."""

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=80, blank=True)
    lease_until = models.FloatField(default=0)
    due_at = models.FloatField(default=0)


class Errand(models.Model):
    """Something to be asked of a provider that reaches nobody: a test of the connection, a list to fetch. The worker does it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="errands")
    what = models.CharField(max_length=60)
    """`test`, or `fetch:` and a catalogue kind."""
    state = models.CharField(max_length=10, choices=ErrandState, default=ErrandState.ASKED)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=60)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    said = models.CharField(max_length=500, blank=True)
    """The answer in our words."""
    found = models.JSONField(default=list, blank=True)
    """Catalogue items that a fetch returned, as {key, label, data}."""

    class Meta:
        indexes = [models.Index(fields=["state", "id"], name="errand_open")]
