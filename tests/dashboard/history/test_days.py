"""Days in the filters of the history."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import Person
from tests import factories


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu"])
@pytest.mark.parametrize(
    ("query", "count"), [("start=0001-01-01", 1), ("end=9999-12-31", 1), ("end=0001-01-01", 0), ("start=9999-12-31", 0)]
)
def test_the_first_and_last_day_can_be_named(as_sam: Client, sam: Person, zone: str, query: str, count: int) -> None:
    Person.objects.filter(pk=sam.pk).update(time_zone=zone)
    factories.dispatch(factories.connection("vonage"), sam)
    assert len(as_sam.get(f"/history/?{query}").context["page"].rows) == count
