"""Every named point of the engine, at every time a worker comes by it, with SIGKILL, for every provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Person
from dashboard.services.failpoints import POINTS
from providers.sandbox.server import Sandbox
from tests import factories
from tests.faults.case import ALL
from tests.faults.herd import Herd
from tests.faults.sweep import PARTS, Sweep, has_tokens, points_of, prepare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
ON_BOTH_DATABASES = ("mark.updated", "mark.committed", "journal.written", "settle.rows", "recover.sending")


@pytest.fixture
def sweep(request: pytest.FixtureRequest, transactional_db: None, quick: Any, sam: Person, tmp_path: Path) -> Iterator[Sweep]:
    with Sandbox() as box, Herd() as herd:
        connection = factories.sandbox_connection(box, request.param)
        prepare(connection, box)
        yield Sweep(connection, box, sam, herd, str(tmp_path / "journal"))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("sweep", ALL, indirect=True)
def test_killed_at_every_point(sweep: Sweep, part: str, record_property: Callable[[str, object], None]) -> None:
    times = {point: sweep.point(point) for point in points_of(part)}
    never = {point for point, passed in times.items() if not passed}
    assert never == {point for point in times if point.startswith("token.") and not has_tokens(sweep.connection)}
    record_property("kills", sweep.kills)
    record_property("figure", f"sweep | {sweep.connection.provider} | {part} | points {len(times) - len(never)} | kills {sweep.kills}")


@pytest.mark.database
@pytest.mark.parametrize("sweep", ALL, indirect=True)
def test_killed_at_the_points_that_the_database_decides(sweep: Sweep) -> None:
    assert all([sweep.once(point, 1) for point in ON_BOTH_DATABASES])


def test_there_are_enough_points_and_each_is_in_one_part() -> None:
    assert len(POINTS) >= 25
    assert sorted(point for part in PARTS for point in points_of(part)) == sorted(POINTS)
