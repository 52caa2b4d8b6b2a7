"""What a worker asks when it looks for work stays small, however much lies elsewhere."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.db.models import Exists

from dashboard.choices import State
from dashboard.models import Dispatch, Lane, Person
from dashboard.services import lanes
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def at_work(sam: Person) -> None:
    """Two connections in the midst of much: what PostgreSQL chooses depends on what it last counted, also in another test."""
    states = [*[State.ACCEPTED] * 5, State.QUEUED, State.WAITING, State.HELD]
    for _number in range(2):
        pattern = factories.dispatch(factories.connection("ccai"), sam)
        same = {field.attname: getattr(pattern, field.attname) for field in Dispatch._meta.concrete_fields if field.name != "id"}
        rows = [Dispatch(**same) for _number in range(1_000)]
        for number, row in enumerate(rows):
            row.ref = row.submission = row.key = f"{pattern.pk}x{number}"
            row.state = states[number % len(states)] if number > 3 else State.SENDING
        Dispatch.objects.bulk_create(rows, batch_size=500)


def test_a_lane_is_looked_at_through_the_indexes_of_its_own_queue(sam: Person) -> None:
    at_work(sam)
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
    asked = Lane.objects.annotate(queued=lanes._next_queued(), due=lanes._next_due(), begun=Exists(lanes._begun()))
    plan = asked.explain()
    for index in ("dispatch_queue", "dispatch_due_there", "dispatch_in_flight"):
        assert index in plan, plan
    assert "dispatch_key_once" not in plan, plan
