"""What was not sent in time is not sent at all, and what may have arrived is not repeated once its time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Invocation, Person
from dashboard.services import connections, recording
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import Beside, send, states, until, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
AGO = timedelta(hours=30)


def pause_and_resume(connection: Connection, by: Person) -> None:
    connections.pause(connection=connection, reason="The contract is being renewed.", by=by)
    connections.resume(connection=connection, by=by)


def stop_and_resume(_connection: Connection, by: Person) -> None:
    connections.stop_desk(reason="The lines are down.", by=by)
    connections.resume_desk(by=by)


def not_sent(rows: list[Dispatch], connection: Connection, sandbox: Sandbox) -> None:
    assert set(states(rows)) == {State.NOT_SENT}
    assert set(Dispatch.objects.values_list("outcome_code", flat=True)) == {"desk.given_up"}
    assert not sandbox.ledger.effects(connection.provider)


@pytest.mark.parametrize("halt", [pause_and_resume, stop_and_resume])
def test_what_was_scheduled_for_a_time_of_standstill(
    connection: Connection, sandbox: Sandbox, sam: Person, halt: Callable[[Connection, Person], None]
) -> None:
    rows = send(connection, sam, 3, due_at=timezone.now() + AGO, scheduled=True)
    halt(connection, sam)
    Dispatch.objects.update(due_at=timezone.now() - AGO, give_up_at=timezone.now() - AGO / 2)
    work()
    not_sent(rows, connection, sandbox)


def test_what_was_held_on_a_connection_that_stays_paused(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    rows = send(connection, sam, 2, due_at=timezone.now() + AGO, scheduled=True)
    connections.pause(connection=connection, reason="The contract ended.", by=sam)
    Dispatch.objects.update(due_at=timezone.now() - AGO, give_up_at=timezone.now() - AGO / 2)
    work()
    not_sent(rows, connection, sandbox)


@pytest.mark.parametrize("number", [1, 6])
def test_what_waited_while_no_worker_ran(connection: Connection, sandbox: Sandbox, sam: Person, number: int) -> None:
    rows = send(connection, sam, number)
    Dispatch.objects.update(give_up_at=timezone.now() - AGO)
    work()
    not_sent(rows, connection, sandbox)


def test_what_was_given_up_between_claim_and_first_byte(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    passed = []

    def end_its_time(point: str) -> None:
        passed.append(point)
        if point == "mark.before":
            Dispatch.objects.update(give_up_at=timezone.now())

    rows = send(connection, sam)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "hit", end_its_time)
        work()
    not_sent(rows, connection, sandbox)
    assert passed == ["record.before", "record.stored", "mark.before"]


def crashed(connection: Connection, sam: Person) -> Dispatch:
    """A dispatch that reached the vendor, and whose worker was killed before the answer was stored."""
    (row,) = send(connection, sam)
    with Beside(fail_at="answer.received:1:kill") as worker:
        until(lambda: worker.ended, "the kill")
    return row


def test_what_left_before_an_outage_is_not_repeated_after_it(sandbox: Sandbox, sam: Person) -> None:
    row = crashed(factories.sandbox_connection(sandbox, "vonage"), sam)
    left = timezone.now() - AGO
    Invocation.objects.update(marked_at=left)
    work()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.first_unanswered_at) == (State.IN_DOUBT, 1, left)
    assert len(sandbox.ledger.effects("vonage")) == 1


def test_what_waits_for_its_repeat_through_an_outage_is_not_repeated(sandbox: Sandbox, sam: Person) -> None:
    row = crashed(factories.sandbox_connection(sandbox, "vonage"), sam)
    with Beside(REPEAT_WAITS=(600, 600)):
        until(lambda: states([row]) == [State.WAITING], "the wait")
    Dispatch.objects.update(due_at=timezone.now() - AGO, first_unanswered_at=timezone.now() - AGO)
    work()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.outcome_code) == (State.IN_DOUBT, 1, "desk.repeats_over")
    assert len(sandbox.ledger.effects("vonage")) == 1
