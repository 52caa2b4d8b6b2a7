"""Errands: questions to a provider that reach nobody. Pages ask them; the worker performs them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from dashboard.choices import ErrandState
from dashboard.models import Connection, Errand, Person

TEST = "test"
FETCH = "fetch:"


def ask(*, connection: Connection, what: str, by: Person | str) -> Errand:
    """Ask for an errand (`test`, or `fetch:` and a catalogue kind); one that is still open is returned instead."""
    name = by.username if isinstance(by, Person) else by
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        waiting = Errand.objects.filter(connection=connection, what=what, state__in=[ErrandState.ASKED, ErrandState.RUNNING])
        return waiting.first() or Errand.objects.create(connection=connection, what=what, asked_at=timezone.now(), asked_by_name=name)
