"""What a provider's answers do to rows and to the connection."""

from __future__ import annotations

import json

import pytest

from dashboard.choices import Breaker, State
from dashboard.models import AuditEvent, Connection, Invocation, Lane, Person
from dashboard.services import connections, dispatches, secrets
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import PATIENCE, Beside, request, send, states, until, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
API = {"vonage": "/interactions/*", "acoustic": "/rest/*/sendjobs", "ccai": "/apps/*"}


def answer(connection: Connection, status: int, body: object = "", times: int = 1, **headers: str) -> Fault:
    """A fault that answers the connection's next calls like this, without an effect."""
    shown = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    text = json.dumps(body) if not isinstance(body, str) else body
    path = API[connection.provider]
    return Fault(Kind.ANSWER, vendor=connection.provider, path=path, times=times, status=status, headers=shown, body=text.encode())


def test_a_refused_token_costs_no_row(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    first = send(connection, sam)
    work()
    sandbox.world.change("vonage", "token_generation", 2)
    second = send(connection, sam)
    work()
    assert states(first + second) == [State.ACCEPTED] * 2
    assert list(Invocation.objects.order_by("pk").values_list("status", flat=True)) == [200, 401, 200]
    assert len(sandbox.requests("vonage", "/Auth/*")) == 2


def test_a_second_refusal_pauses_and_fails_nothing(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(answer(connection, 401, times=0))
    rows = send(connection, sam, 3)
    work(until_settled=False)
    connection.refresh_from_db()
    assert connection.is_paused
    assert connection.paused_by == ""
    assert set(states(rows)) == {State.QUEUED}
    assert AuditEvent.objects.filter(action="connection.paused").exists()
    sandbox.faults.clear()
    for name in [field.name for field in connection.vendor.secrets]:
        secrets.put(connection=connection, name=name, value=secrets.read(connection=connection)[name], by="tests")
    connections.resume(connection=connection, by="tests")
    work()
    assert states(rows) == [State.ACCEPTED] * 3
    assert len(sandbox.ledger.effects(connection.provider)) == 3


def test_wrong_credentials_pause_before_anything_leaves(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    for name in [field.name for field in connection.vendor.secrets]:
        secrets.put(connection=connection, name=name, value="wrong", by="tests")
    rows = send(connection, sam, 2)
    work(until_settled=False)
    connection.refresh_from_db()
    assert connection.is_paused
    assert "refused" in connection.paused_reason
    assert set(states(rows)) == {State.QUEUED}


def test_too_many_requests_slows_and_loses_nothing(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(answer(connection, 429, times=2))
    rows = send(connection, sam, 4)
    work()
    assert states(rows) == [State.ACCEPTED] * 4
    assert len(sandbox.ledger.effects(connection.provider)) == 4
    lane = Lane.objects.get()
    assert lane.slow_until > lane.hold_until > 0
    assert lane.breaker == Breaker.CLOSED


def test_retry_after_is_honoured(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "ccai")
    sandbox.faults.add(answer(connection, 429, Retry_After="1"))
    send(connection, sam)
    work()
    first, second = sandbox.requests("ccai", "/apps/*")
    assert second.began - first.began >= 1


def test_a_call_that_is_too_large_is_split(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    rows = send(connection, sam, 4)
    sandbox.faults.add(answer(connection, 413, {"message": "Payload Too Large"}))
    work()
    assert states(rows) == [State.ACCEPTED] * 4
    sizes = [len(json.loads(record.call.body)["requests"]) for record in sandbox.requests("vonage", "/interactions/*")]
    assert sizes == [4, 2, 2]


def test_one_that_is_too_large_alone_is_rejected(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(answer(connection, 413, {"message": "Payload Too Large"}))
    rows = send(connection, sam)
    work()
    assert states(rows) == [State.REJECTED]


def test_partial_failure(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    good = send(connection, sam, 3)
    bad = send(connection, sam, 1, changes={"route": "No such route"})
    work()
    assert states(good) == [State.ACCEPTED] * 3
    assert states(bad) == [State.REJECTED]
    assert len(sandbox.requests("vonage", "/interactions/*")) == 1
    assert len(sandbox.ledger.effects("vonage")) == 3


def test_a_lost_answer_in_a_call_of_many_repeats_the_same_bytes(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="vonage", path="/interactions/*", effect=True))
    rows = send(connection, sam, 5)
    work()
    assert states(rows) == [State.ACCEPTED] * 5
    bodies = {record.call.body for record in sandbox.requests("vonage", "/interactions/*")}
    assert len(bodies) == 1
    assert len(sandbox.ledger.effects("vonage")) == 5


def test_a_duplicate_that_is_listed_after_a_lost_answer_stays_in_doubt(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    sandbox.world.change("vonage", "duplicate", "failed")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="vonage", path="/interactions/*", effect=True))
    rows = send(connection, sam)
    work()
    assert states(rows) == [State.IN_DOUBT]


def test_a_taken_name_proves_only_after_an_attempt_that_left(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "acoustic")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="acoustic", path="/rest/*", effect=True))
    (proved,) = send(connection, sam)
    work()
    proved.refresh_from_db()
    assert (proved.state, proved.outcome_code) == (State.ACCEPTED, "acoustic.name_taken")
    assert len(sandbox.ledger.effects("acoustic")) == 1
    # The same name from elsewhere, on a clean first attempt: a collision.
    other = factories.sandbox_connection(sandbox, "acoustic")
    ref = dispatches.new_ref()
    asked = request(other, ref)
    taken = dispatches.Request(type(asked.command)(asked.command.action, proved.key, asked.command.values), asked.summary)
    (collided,) = dispatches.submit(connection=other, requests=[taken], ref=ref, by=sam, source="terminal").dispatches
    work()
    assert states([collided]) == [State.REJECTED]


def test_a_name_by_hand_proves_nothing(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "acoustic")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="acoustic", path="/rest/*", effect=True))
    ref = dispatches.new_ref()
    asked = request(connection, ref)
    by_hand = dispatches.Request(type(asked.command)(asked.command.action, "Spring offer", asked.command.values), asked.summary)
    (row,) = dispatches.submit(connection=connection, requests=[by_hand], ref=ref, by=sam, source="terminal").dispatches
    work()
    row.refresh_from_db()
    assert row.key_by_hand
    assert row.state == State.IN_DOUBT


def test_a_redirect_is_not_followed_and_pauses(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    fault = Fault(Kind.REDIRECT, vendor=connection.provider, path=API[connection.provider], location=f"{sandbox.url}/elsewhere", times=0)
    sandbox.faults.add(fault)
    (row,) = send(connection, sam)
    work(until_settled=False)
    connection.refresh_from_db()
    assert connection.is_paused
    assert not sandbox.requests("elsewhere")
    assert AuditEvent.objects.filter(action="redirect.refused").exists()
    row.refresh_from_db()
    assert row.unanswered


def test_server_errors_open_the_breaker_and_bound_the_doubt(sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "ccai")
    Lane.objects.update(in_flight_limit=1)
    sandbox.faults.add(Fault(Kind.ANSWER, vendor="ccai", path="/apps/*", status=503, times=3))
    rows = send(connection, sam, 12)
    work()
    doubtful = states(rows).count(State.IN_DOUBT)
    assert doubtful == 3
    assert states(rows).count(State.ACCEPTED) == 12 - doubtful
    assert Lane.objects.get().breaker == Breaker.CLOSED
    assert sandbox.requests("ccai", "/manager/*")


def test_a_hanging_provider_does_not_hold_up_another(sandbox: Sandbox, sam: Person) -> None:
    slow, quick = factories.sandbox_connection(sandbox, "ccai"), factories.sandbox_connection(sandbox, "acoustic")
    sandbox.faults.add(Fault(Kind.HANG, vendor="ccai", path="/apps/*", times=0))
    send(slow, sam, 4)
    with Beside(CALL_DEADLINE=10 * PATIENCE):
        until(lambda: sandbox.requests("ccai", "/apps/*"), "the call that hangs")
        rows = send(quick, sam, 4)
        until(lambda: states(rows) == [State.ACCEPTED] * 4, "the others")
        assert {record.ended for record in sandbox.requests("ccai", "/apps/*")} == {None}
