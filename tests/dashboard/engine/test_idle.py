"""What a worker asks when it looks for work stays small, however much lies elsewhere."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.db.models import Exists

from dashboard.models import Lane
from dashboard.services import lanes

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_lane_is_looked_at_through_the_indexes_of_its_own_queue() -> None:
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    asked = Lane.objects.annotate(queued=lanes._next_queued(), due=lanes._next_due(), begun=Exists(lanes._begun()))
    plan = asked.explain()
    for index in ("dispatch_queue", "dispatch_due_there", "dispatch_in_flight"):
        assert index in plan, plan
    assert "dispatch_key_once" not in plan, plan
