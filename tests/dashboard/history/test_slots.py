"""The overview's bars in every zone, and the pages of what is scheduled."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Person
from dashboard.queries import overview
from tests import factories

ZONES = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "America/Los_Angeles"]


@pytest.mark.database
@pytest.mark.parametrize("zone", ZONES)
def test_each_dispatch_stands_in_the_hour_and_the_day_of_the_reader(sam: Person, zone: str) -> None:
    connection, now = factories.connection("ccai"), timezone.now()
    moments = [now - timedelta(minutes=37 * number) for number in range(38)]
    for moment in moments:
        factories.dispatch(connection, sam, created_at=moment)
    with timezone.override(zone):
        hours, days = overview.figures("24h").bars, overview.figures("7d").bars
    assert {bar.at: bar.total for bar in hours if bar.total} == counted(moments, zone, "%Y-%m-%d %H")
    assert {bar.at: bar.total for bar in days if bar.total} == counted(moments, zone, "%Y-%m-%d")


def counted(moments: list[datetime], zone: str, form: str) -> dict[datetime, int]:
    """How many moments begin with each local hour or day."""
    found: dict[datetime, int] = {}
    for moment in moments:
        local = datetime.strptime(moment.astimezone(ZoneInfo(zone)).strftime(form), form).replace(tzinfo=ZoneInfo(zone))
        found[local] = found.get(local, 0) + 1
    return found


@pytest.mark.database
def test_what_is_scheduled_comes_in_pages(as_sam: Client, sam: Person) -> None:
    connection, now = factories.connection("ccai"), timezone.now()
    for hour in range(120, 0, -1):
        factories.dispatch(connection, sam, target=f"in {hour}", state="held", scheduled=True, due_at=now + timedelta(hours=hour))
    seen: list[str] = []
    address: str | None = ""
    while address is not None:
        page = as_sam.get(f"/scheduled/{address}").context["page"]
        seen += [row.target for row in page.rows]
        address = page.older or None
    assert seen == [f"in {hour}" for hour in range(1, 121)]
    assert page.newer == "?page=2"
    assert b"Nothing is scheduled beyond this." in as_sam.get("/scheduled/?page=9").content
    assert as_sam.get("/scheduled/?page=1x").context["page"].rows[0].target == "in 1"
