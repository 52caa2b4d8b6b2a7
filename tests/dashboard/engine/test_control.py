"""What people do while dispatches are under way: take back, stop, pause, disable, hold, overtake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.choices import Found, State
from dashboard.models import Connection, Decision, Dispatch, Lane, Person
from dashboard.services import connections, dispatches, errands
from dashboard.services.refusals import KeyTaken, OtherContent, Refused
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import Beside, open_rows, request, send, states, until, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_cancelled_before_it_leaves(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    (row,) = send(connection, sam)
    dispatches.cancel(dispatch=row, by=sam)
    work()
    assert states([row]) == [State.CANCELLED]
    assert not sandbox.ledger.effects()


def test_not_cancelled_afterwards(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    (row,) = send(connection, sam)
    work()
    with pytest.raises(Refused):
        dispatches.cancel(dispatch=row, by=sam)
    assert states([row]) == [State.ACCEPTED]


def test_not_cancelled_while_unanswered(sandbox: Sandbox, sam: Person, settings: object) -> None:
    settings.REPEAT_WAITS = (60.0,)  # type: ignore[attr-defined]
    connection = factories.sandbox_connection(sandbox, "vonage")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="vonage", path="/interactions/*"))
    (row,) = send(connection, sam)
    work(until_settled=False)
    assert states([row]) == [State.WAITING]
    with pytest.raises(Refused):
        dispatches.cancel(dispatch=row, by=sam)


def test_given_up(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    connections.pause(connection=connection, reason="maintenance", by="tests")
    Connection.objects.update(paused_at=None)
    (row,) = send(connection, sam, give_up_after=0.2)
    Connection.objects.update(paused_at=timezone.now(), paused_reason="maintenance")
    work()
    row.refresh_from_db()
    assert row.state == State.NOT_SENT
    assert "maintenance" in row.explanation
    assert not sandbox.ledger.effects()


def test_held_until_it_is_due(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    (row,) = send(connection, sam, due_at=timezone.now() + timedelta(hours=1), scheduled=True)
    work(until_settled=False)
    assert states([row]) == [State.HELD]
    dispatches.send_now(dispatch=row, by=sam)
    work()
    assert states([row]) == [State.ACCEPTED]


def test_undo_window(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    connection.undo_seconds = 1
    connection.save()
    (row,) = send(connection, sam, source="screen")
    assert row.state == State.HELD
    work()
    assert states([row]) == [State.ACCEPTED]


def test_global_stop(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    rows = send(connection, sam, 2)
    connections.stop_desk(reason="drill", by=sam)
    work(until_settled=False)
    assert states(rows) == [State.QUEUED] * 2
    assert not sandbox.requests()
    connections.resume_desk(by=sam)
    work()
    assert states(rows) == [State.ACCEPTED] * 2


def test_a_paused_connection_claims_nothing(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    rows = send(connection, sam)
    connections.pause(connection=connection, reason="drill", by=sam)
    work(until_settled=False)
    assert states(rows) == [State.QUEUED]
    with pytest.raises(Refused, match="drill"):
        send(connection, sam)


def test_a_disabled_maker_sends_nothing_more(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    rows = send(connection, sam, 2)
    Person.objects.filter(pk=sam.pk).update(is_supervisor=False)
    work(until_settled=False)
    assert states(rows) == [State.QUEUED] * 2
    assert Dispatch.objects.filter(suspended=True).count() == 2
    assert not sandbox.requests()


def test_urgent_ones_overtake(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "ccai")
    Lane.objects.update(in_flight_limit=1, calls=0)
    bulk = send(connection, sam, 5, urgent=False)
    (urgent,) = send(connection, sam)
    work()
    arrived = [record.call.json()["message"] for record in sandbox.requests("ccai", "/apps/*")]
    assert arrived[0] == f"Hello {urgent.ref}"
    assert states(bulk) == [State.ACCEPTED] * 5


# --- once, whatever is clicked twice ----------------------------------------------------------------


def test_a_repeated_form_lands_on_the_first(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    ref = dispatches.new_ref()
    asked = [request(connection, ref)]
    first = dispatches.submit(connection=connection, requests=asked, ref=ref, by=sam, source="screen")
    again = dispatches.submit(connection=connection, requests=asked, ref=ref, by=sam, source="screen")
    assert (first.repeated, again.repeated) == (False, True)
    assert first.dispatches == again.dispatches
    other = request(connection, ref, extra="x")
    with pytest.raises(OtherContent):
        dispatches.submit(connection=connection, requests=[other], ref=ref, by=sam, source="screen")


@pytest.mark.parametrize("written", [str, str.upper])
def test_a_key_is_used_once_on_a_connection(connection: Connection, sandbox: Sandbox, sam: Person, written: Callable[[str], str]) -> None:
    """In whatever case it is written: vendors are read as if case did not matter, so no two keys may differ by it alone."""
    (row,) = send(connection, sam)
    ref = dispatches.new_ref()
    asked = request(connection, ref)
    taken = dispatches.Request(replace(asked.command, key=written(row.key)), asked.summary)
    with pytest.raises(KeyTaken) as refusal:
        dispatches.submit(connection=connection, requests=[taken], ref=ref, by=sam, source="screen")
    assert refusal.value.earlier == row


def test_several_in_one_submission_travel_in_one_call(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    ref = dispatches.new_ref()
    asked = [request(connection, each) for each in dispatches.refs_of(ref, 3)]
    made = dispatches.submit(connection=connection, requests=asked, ref=ref, by=sam, source="terminal").dispatches
    assert not any(row.key_by_hand for row in made)
    others = send(connection, sam, 2)
    work()
    assert states(made + others) == [State.ACCEPTED] * 5
    assert sorted(record.call.body.count(b'"requestid"') for record in sandbox.requests("vonage", "/interactions/*")) == [2, 3]


# --- doubts -----------------------------------------------------------------------------------------


def doubtful(sandbox: Sandbox, sam: Person) -> tuple[Connection, Dispatch]:
    connection = factories.sandbox_connection(sandbox, "ccai")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="ccai", path="/apps/*"))
    (row,) = send(connection, sam)
    work()
    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    return connection, row


def test_deciding_and_sending_again(sandbox: Sandbox, sam: Person, settings: object) -> None:
    _connection, row = doubtful(sandbox, sam)
    with pytest.raises(Refused, match="did not arrive"):
        dispatches.send_again(dispatch=row, by=sam)
    dispatches.decide(dispatch=row, found=Found.DID_NOT_ARRIVE, reason="Not in the portal", by=sam)
    with pytest.raises(Refused):
        dispatches.decide(dispatch=row, found=Found.ARRIVED, reason="Second thoughts", by=sam)
    with pytest.raises(Refused, match="may be sent again from"):
        dispatches.send_again(dispatch=row, by=sam)
    settings.QUIET_MARGIN = settings.LANE_LEASE = settings.CALL_DEADLINE = 0.0  # type: ignore[attr-defined]
    (again,) = dispatches.send_again(dispatch=row, by=sam).dispatches
    assert again.supersedes == row
    assert again.key != row.key
    with pytest.raises(Refused):
        dispatches.send_again(dispatch=row, by=sam)


def test_deciding_many(sandbox: Sandbox, sam: Person) -> None:
    connection, row = doubtful(sandbox, sam)
    hour = timedelta(hours=1)
    now = timezone.now()
    earlier = dispatches.decide_many(
        connection=connection, since=now - 2 * hour, until=now - hour, found=Found.ARRIVED, reason="Seen", by=sam
    )
    assert earlier == 0
    there = dispatches.decide_many(connection=connection, since=now - hour, until=now + hour, found=Found.ARRIVED, reason="Seen", by=sam)
    assert there == 1
    assert Decision.objects.get().dispatch == row


# --- errands ----------------------------------------------------------------------------------------


def test_testing_a_connection(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    errand = errands.ask(connection=connection, what=errands.TEST, by=sam)
    assert errands.ask(connection=connection, what=errands.TEST, by=sam) == errand
    work()
    errand.refresh_from_db()
    assert (errand.state, bool(errand.said)) == ("done", True)
    assert not sandbox.ledger.effects()


def test_testing_with_wrong_credentials(connection: Connection, sandbox: Sandbox, ada: Person) -> None:
    from dashboard.services import secrets

    for field in connection.vendor.secrets:
        secrets.put(connection=connection, name=field.name, value="wrong", by=ada)
    errand = errands.ask(connection=connection, what=errands.TEST, by=ada)
    work()
    errand.refresh_from_db()
    assert errand.state == "failed"
    assert errand.said


def test_fetching_a_list(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "acoustic")
    errand = errands.ask(connection=connection, what=f"{errands.FETCH}message", by=sam)
    work()
    errand.refresh_from_db()
    assert errand.state == "done"
    assert {item["label"] for item in errand.found} >= {"Service notice"}


def test_an_urgent_one_overtakes_what_is_claimed_already(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "acoustic")
    Lane.objects.update(in_flight_limit=1)
    sandbox.faults.add(Fault(Kind.DELAY, vendor="acoustic", path="/rest/*", seconds=0.3, times=0))
    bulk = send(connection, sam, 6, urgent=False)
    with Beside():
        until(lambda: sandbox.ledger.effects("acoustic"), "the first of many")
        (urgent,) = send(connection, sam)
        earlier = len(sandbox.ledger.effects("acoustic"))
        until(lambda: not open_rows(), "all")
    order = [effect.key for effect in sandbox.ledger.effects("acoustic")]
    # After those that had arrived, and at most the one that was on its way.
    assert order.index(urgent.key) <= earlier + 1
    assert set(states(bulk)) == {State.ACCEPTED}
