"""The overview's bars in every zone, and the pages of what is scheduled."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Person
from dashboard.queries import overview
from tests import factories

ZONES = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "America/Los_Angeles"]


# In the last two, the clocks of North America are set forward and back.
@pytest.mark.database
@pytest.mark.parametrize("end", ["2026-06-15T10:20", "2026-12-31T23:59", "2027-03-14T18:20", "2027-11-07T18:20"])
@pytest.mark.parametrize("zone", ZONES)
def test_each_dispatch_stands_in_the_hour_and_the_day_of_the_reader(
    sam: Person, monkeypatch: pytest.MonkeyPatch, zone: str, end: str
) -> None:
    now = datetime.fromisoformat(end).replace(tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    connection, moments = factories.connection("ccai"), [now - timedelta(minutes=37 * number) for number in range(38)]
    for moment in moments:
        factories.dispatch(connection, sam, created_at=moment)
    with timezone.override(zone):
        hours, days = overview.figures("24h").bars, overview.figures("7d").bars
    assert (len(hours), len(days)) == (25, 8)
    assert shown(hours) == counted(moments, zone, hour=None)
    assert shown(days) == counted(moments, zone, hour=0)


def shown(bars: list[overview.Bar]) -> dict[datetime, int]:
    """What the bars count, by when each begins."""
    return {bar.at.astimezone(UTC): bar.total for bar in bars if bar.total}


def counted(moments: list[datetime], zone: str, *, hour: int | None) -> dict[datetime, int]:
    """How many moments lie in each local hour, or with `hour` in each local day from then on."""
    local = [moment.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0) for moment in moments]
    return Counter((one if hour is None else one.replace(hour=hour, fold=0)).astimezone(UTC) for one in local)


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
