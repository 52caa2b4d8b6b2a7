"""Trouble with the database while rows are in hand: they go on being sent, and no trouble counts against them."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connections as databases

from dashboard.choices import Breaker, State
from dashboard.models import Connection, Dispatch, Invocation, Lane, Person
from dashboard.services import lanes, settling
from dashboard.services.lanes import Lease, View
from dashboard.worker import WorkerProcess
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import Beside, send, states, until, work
from tests.faults.case import API, C, V
from tests.faults.tls import untrusted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]


@pytest.fixture
def connection(request: pytest.FixtureRequest, transactional_db: None, quick: Any, sandbox: Sandbox) -> Connection:
    return factories.sandbox_connection(sandbox, request.param)


@pytest.mark.parametrize("point", ["claim.updated", "plan.built", "record.before", "record.stored"])
@pytest.mark.parametrize("connection", [V, C], indirect=True)
def test_rows_claimed_in_trouble_are_sent_under_the_same_lease(
    connection: Connection, sandbox: Sandbox, sam: Person, settings: Any, point: str
) -> None:
    settings.LANE_LINGER = 600.0
    rows = send(connection, sam, 2)
    times = settings.CRASHES_ALLOWED + 1
    with Beside(fail_at=",".join(f"{point}:{n}:database" for n in range(1, times + 1))):
        until(lambda: set(states(rows)) == {State.ACCEPTED}, "the rows")
    assert not Dispatch.objects.filter(crashes__gt=0).exists()
    assert len(sandbox.ledger.effects(connection.provider)) == 2


@pytest.mark.parametrize("connection", [C], indirect=True)
def test_an_outcome_that_could_not_be_stored_is_settled_under_the_next_lease(
    connection: Connection, sandbox: Sandbox, sam: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LANE_LINGER, settings.SETTLE_PATIENCE, settings.LANE_LEASE = 600.0, 0.0, 5.0
    trouble, lost = iter([OperationalError("The database is away.")]), settling.lost

    def lost_later(*what: Any, **terms: Any) -> None:
        for error in trouble:
            raise error
        lost(*what, **terms)

    monkeypatch.setattr(settling, "lost", lost_later)
    sandbox.faults.add(Fault(Kind.CLOSE, vendor=C, path=API[C]))
    (row,) = send(connection, sam)
    worker = WorkerProcess()
    thread = threading.Thread(target=_run, args=(worker,))
    thread.start()
    try:
        until(lambda: states([row]) == [State.IN_DOUBT], "the outcome")
    finally:
        worker.stop()
        thread.join()
    assert Lane.objects.get().epoch > 1


@pytest.mark.parametrize("connection", [C], indirect=True)
def test_what_a_failure_gives_back_is_not_sent_under_a_lane_looked_at_before_it(
    connection: Connection, sam: Person, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.BREAKER_PAUSE, settings.CALL_DEADLINE, look = 60.0, 20.0, lanes.look

    def look_slowly(lease: Lease) -> View | None:
        view = look(lease)
        time.sleep(0.3)
        return view

    monkeypatch.setattr(lanes, "look", look_slowly)
    with untrusted(tmp_path) as (port, _received):
        Connection.objects.update(settings=connection.settings | {"base_url": f"https://127.0.0.1:{port}"})
        send(connection, sam)
        work(until_settled=False)
    assert Lane.objects.get().breaker == Breaker.OPEN
    assert Invocation.objects.filter(failure="tls").count() == 1


def _run(worker: WorkerProcess) -> None:
    try:
        worker.run()
    finally:
        databases.close_all()
