"""From a submitted dispatch to its outcome, over real sockets, for every provider."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard import crypto
from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Invocation, Person
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests.dashboard.engine.harness import send, states, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_accepted(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    rows = send(connection, sam, 3)
    work()
    assert states(rows) == [State.ACCEPTED] * 3
    assert len(sandbox.ledger.effects(connection.provider)) == 3


def test_stored_exchange(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    (row,) = send(connection, sam)
    work()
    invocation = Invocation.objects.get()
    sent = [record for record in sandbox.requests(connection.provider) if "token" not in record.call.path]
    assert crypto.unseal(invocation.request_sealed, invocation.place("request")) == sent[0].call.body
    assert invocation.marked_at
    assert invocation.status == sent[0].status
    assert "••••" in dict(invocation.headers)["Authorization"]
    personal = connection.vendor.action(row.action).summarise(row.command()).personal
    assert not any(number in invocation.request_shown + invocation.answer_shown for number in personal)


def test_nothing_is_sent_twice_by_a_second_run(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    send(connection, sam)
    work()
    work()
    assert Invocation.objects.count() == 1
    assert Dispatch.objects.get().attempts == 1


def test_refused_connection_waits_then_goes_through(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    right = dict(connection.settings)
    for name, value in right.items():
        if value.startswith("http"):
            connection.settings[name] = value.replace(sandbox.url, "http://127.0.0.1:9")
    connection.save()
    (row,) = send(connection, sam)
    work(until_settled=False)
    row.refresh_from_db()
    assert row.state in (State.WAITING, State.QUEUED)
    assert row.unanswered is False
    Connection.objects.filter(pk=connection.pk).update(settings=right)
    work()
    assert states([row]) == [State.ACCEPTED]
    assert len(sandbox.ledger.effects(connection.provider)) == 1


@pytest.mark.parametrize("effect", [True, False])
def test_time_out(connection: Connection, sandbox: Sandbox, sam: Person, settings: Any, effect: bool) -> None:
    settings.CALL_DEADLINE = 2.5
    path = {"vonage": "/interactions/*", "acoustic": "/rest/*/sendjobs", "ccai": "/apps/*"}[connection.provider]
    sandbox.faults.add(Fault(Kind.HANG, vendor=connection.provider, path=path, effect=effect))
    (row,) = send(connection, sam)
    work()
    row.refresh_from_db()
    effects = len(sandbox.ledger.effects(connection.provider))
    if connection.provider == "ccai":
        assert (row.state, effects) == (State.IN_DOUBT, int(effect))
        assert row.advice
    else:
        assert (row.state, effects) == (State.ACCEPTED, 1)
    assert row.unanswered
