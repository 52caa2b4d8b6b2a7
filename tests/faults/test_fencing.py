"""A worker that lost its lane sends nothing more, whatever it was about to do, however fresh it believes its lease to be."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Invocation, Lane, Person
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import Beside, send, until
from tests.faults.case import ALL, API
from tests.faults.moments import at, work_past

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]


@pytest.fixture
def connection(request: pytest.FixtureRequest, transactional_db: None, quick: Any, sandbox: Sandbox) -> Connection:
    return factories.sandbox_connection(sandbox, request.param)


def give_the_lane_away() -> None:
    Lane.objects.update(holder="somebody else", epoch=F("epoch") + 1)
    Dispatch.objects.update(state=State.QUEUED)


@pytest.mark.parametrize("connection", ALL, indirect=True)
def test_nothing_leaves_once_the_lane_is_lost(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    send(connection, sam)
    with at("mark.before", give_the_lane_away) as moment:
        work_past(moment)
    assert Invocation.objects.exists()
    assert sandbox.requests(connection.provider, API[connection.provider]) == []


@pytest.mark.parametrize("connection", ["ccai"], indirect=True)
def test_a_text_that_was_marked_too_late_to_leave_is_not_in_doubt(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    (row,) = send(connection, sam)
    with Beside(fail_at="mark.committed:1:sleep=12", LANE_LEASE=60.0, CALL_DEADLINE=10.0):
        until(lambda: Dispatch.objects.filter(state=State.ACCEPTED).exists(), "the second attempt")
    first, second = row.tries.order_by("number").values_list("state", "invocation__marked_at")
    assert (first[0], second[0]) == ("not_sent", "answered")
    assert first[1]
    assert len(sandbox.ledger.effects("ccai")) == 1


@pytest.mark.parametrize("connection", ["vonage"], indirect=True)
def test_no_replay_after_a_401_once_the_lane_is_lost(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(Fault(Kind.ANSWER, vendor="vonage", path=API["vonage"], status=401))
    (row,) = send(connection, sam)
    with at("settle.signalled", give_the_lane_away) as moment:
        work_past(moment)
    assert row.tries.exclude(state="open").exists()
    assert len(sandbox.requests("vonage", API["vonage"])) == 1
