"""Worker processes that are really killed, stopped, paused and doubled."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from dashboard.choices import State
from dashboard.models import AccessToken, Connection, Dispatch, Invocation, Lane, Person
from dashboard.models import Worker as SeenWorker
from dashboard.services import identity, reconcile
from providers.base import BearerAuth
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import PATIENCE, Beside, open_rows, send, states, until, work
from tests.dashboard.engine.pausing import pause

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BEFORE_THE_MARK = ("lane.taken", "claim.updated", "plan.built", "record.stored", "mark.before", "mark.updated")
AFTER_THE_MARK = ("mark.committed", "answer.received")
WITH_THE_ANSWER_ON_DISK = ("journal.written", "settle.invocation", "settle.rows", "settle.committed")


def killed_at(point: str, connection: Connection, sam: Person) -> Dispatch:
    """One dispatch whose worker is killed at a point; another worker then settles it."""
    (row,) = send(connection, sam)
    with Beside(fail_at=f"{point}:1:kill") as worker:
        until(lambda: worker.ended, f"the kill at {point}")
    work()
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("point", BEFORE_THE_MARK)
def test_killed_before_anything_left(point: str, connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    row = killed_at(point, connection, sam)
    assert row.state == State.ACCEPTED
    assert row.unanswered is False
    assert len(sandbox.ledger.effects(connection.provider)) == 1


@pytest.mark.parametrize("point", AFTER_THE_MARK)
def test_killed_after_the_mark(point: str, connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    row = killed_at(point, connection, sam)
    effects = len(sandbox.ledger.effects(connection.provider))
    if connection.provider == "ccai":
        assert (row.state, effects) == (State.IN_DOUBT, int(point == "answer.received"))
    else:
        assert (row.state, effects) == (State.ACCEPTED, 1)


@pytest.mark.parametrize("point", WITH_THE_ANSWER_ON_DISK)
def test_killed_with_the_answer_in_the_journal(point: str, connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    row = killed_at(point, connection, sam)
    assert row.state == State.ACCEPTED
    assert Invocation.objects.count() == 1
    assert len(sandbox.ledger.effects(connection.provider)) == 1


def test_a_row_that_kills_its_worker_is_set_aside(sandbox: Sandbox, sam: Person, settings: object) -> None:
    connection = factories.sandbox_connection(sandbox, "ccai")
    (poison,) = send(connection, sam)
    for _number in range(settings.CRASHES_ALLOWED):  # type: ignore[attr-defined]
        with Beside(fail_at="plan.opened:1:kill") as worker:
            until(lambda worker=worker: worker.ended, "the kill")  # type: ignore[misc]
    work()
    poison.refresh_from_db()
    assert (poison.state, poison.outcome_code) == (State.NOT_SENT, "desk.set_aside")
    assert not sandbox.ledger.effects()


def has_token(connection: Connection) -> bool:
    """Whether nothing but the mark stands between a record and its call: an access token is there, or none is needed."""
    return not isinstance(connection.vendor.auth, BearerAuth) or AccessToken.objects.filter(sealed__isnull=False).exists()


def test_a_worker_that_slept_beyond_its_lease_sends_nothing(connection: Connection, sandbox: Sandbox, sam: Person, settings: Any) -> None:
    settings.LANE_LEASE = 2.0
    (row,) = send(connection, sam)
    with Beside(fail_at="mark.before:1:sleep=10") as sleeper:
        until(lambda: Invocation.objects.exists() and has_token(connection), "the record and the token")
        pause(sleeper)
        until(lambda: Lane.objects.get().lease_until < time.time(), "the end of the lease")
        work()
        assert states([row]) == [State.ACCEPTED]
        os.kill(sleeper.process.pid, signal.SIGCONT)
        assert sleeper.stop() == 0
    assert len(sandbox.ledger.effects(connection.provider)) == 1
    assert states([row]) == [State.ACCEPTED]


def test_a_late_answer_still_proves_acceptance(sandbox: Sandbox, sam: Person, settings: Any) -> None:
    settings.LANE_LEASE = 2.0
    connection = factories.sandbox_connection(sandbox, "ccai")
    (row,) = send(connection, sam)
    with Beside(fail_at="answer.received:1:sleep=20") as sleeper:
        settings.CALL_DEADLINE = 2.5
        until(lambda: sandbox.ledger.effects("ccai"), "the effect")
        pause(sleeper)
        until(lambda: Lane.objects.get().lease_until < time.time(), "the end of the lease")
        work()
        assert states([row]) == [State.IN_DOUBT]
        os.kill(sleeper.process.pid, signal.SIGCONT)
        until(lambda: states([row]) == [State.ACCEPTED], "the late answer")
    assert len(sandbox.ledger.effects("ccai")) == 1


def refused_once(connection: Connection, sandbox: Sandbox) -> None:
    """Let the provider say once that these are too many requests: it did nothing, and no doubt is left once that is read."""
    sandbox.faults.add(Fault(Kind.ANSWER, vendor=connection.provider, path=_api(connection), status=429))


def sent_without_a_doubt(row: Dispatch, sandbox: Sandbox) -> None:
    row.refresh_from_db()
    assert (row.state, row.attempts, row.unanswered) == (State.ACCEPTED, 2, False)
    assert len(sandbox.ledger.effects()) == 1


def test_what_a_worker_was_answered_in_its_last_moment_is_found(
    connection: Connection, sandbox: Sandbox, sam: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LANE_LEASE = 2.0
    refused_once(connection, sandbox)
    (row,) = send(connection, sam)
    with Beside(fail_at="journal.written:1:sleep=600") as other:

        def die_when_looked_for(name: str) -> bool:
            other.kill()
            return identity.surely_dead(name)

        until(lambda: any(any(path.read_bytes()[:8]) for path in Path(settings.JOURNAL).glob("*.journal")), "the answer on disk")
        pause(other)
        until(lambda: Lane.objects.get().lease_until < time.time(), "the end of the lease")
        monkeypatch.setattr(reconcile, "surely_dead", die_when_looked_for)
        work()
    sent_without_a_doubt(row, sandbox)


def test_an_answer_is_waited_for_that_is_being_read_elsewhere(connection: Connection, sandbox: Sandbox, sam: Person, settings: Any) -> None:
    refused_once(connection, sandbox)
    (row,) = send(connection, sam)
    with Beside(fail_at="journal.written:1:kill") as other:
        until(lambda: other.ended, "the kill")
    (path,) = Path(settings.JOURNAL).glob("*.journal")
    with path.open() as reader:
        fcntl.flock(reader, fcntl.LOCK_EX)
        with Beside(CALL_DEADLINE=10 * PATIENCE):
            until(lambda: Lane.objects.get().epoch == 2, "another worker")
            time.sleep(2.0)  # in which it would give the answer up, if it ever did
            assert states([row]) == [State.SENDING]
            fcntl.flock(reader, fcntl.LOCK_UN)
            until(lambda: states([row]) == [State.ACCEPTED], "the outcome")
    sent_without_a_doubt(row, sandbox)


def test_two_workers_share_lanes_and_send_once(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.world.change("ccai", "rate", 0)
    Lane.objects.update(calls=0)
    rows = send(connection, sam, 40)
    with Beside() as first, Beside() as second:
        until(lambda: not open_rows(), "both workers")
        assert not first.ended
        assert not second.ended
    assert set(states(rows)) == {State.ACCEPTED}
    assert len(sandbox.ledger.effects(connection.provider)) == 40


def test_in_flight_and_pace_hold_at_the_vendor(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(Fault(Kind.DELAY, vendor=connection.provider, seconds=0.1, times=0))
    Lane.objects.update(in_flight_limit=2, calls=8, per_seconds=1.0)
    send(connection, sam, 12)
    with Beside(), Beside():
        until(lambda: not open_rows(), "both workers")
    seen = sandbox.counters(connection.provider)
    assert seen.at_once <= 2
    assert seen.in_one_second <= 10


def test_sigterm_finishes_what_is_under_way(connection: Connection, sandbox: Sandbox, sam: Person) -> None:
    sandbox.faults.add(Fault(Kind.DELAY, vendor=connection.provider, path=_api(connection), seconds=1.0, times=0))
    Lane.objects.update(in_flight_limit=1)
    rows = send(connection, sam, 1)
    with Beside() as worker:
        until(lambda: sandbox.requests(connection.provider, _api(connection)), "the first call")
        assert worker.stop() == 0
    assert states(rows) == [State.ACCEPTED]
    assert not SeenWorker.objects.exists()
    assert Lane.objects.get().holder == ""


def _api(connection: Connection) -> str:
    return {"vonage": "/interactions/*", "acoustic": "/rest/*", "ccai": "/apps/*"}[connection.provider]
