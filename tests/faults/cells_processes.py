"""Faults F01 to F16: processes that die, sleep and double."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from django.db import connections as databases

from dashboard.choices import Found, State
from dashboard.models import AuditEvent, Chore, Decision, Dispatch, Invocation, Lane
from dashboard.services import chores, claims, dispatches, lanes
from dashboard.services.refusals import Refused
from providers.sandbox.faults import Kind
from tests.dashboard.engine import harness
from tests.dashboard.engine.harness import Beside, until
from tests.dashboard.engine.pausing import pause
from tests.faults.case import A, C, Case, V, fault, later


def submit_beside(case: Case, ref: str, fail_at: str) -> None:
    """Submit from a process of its own that dies at a point."""
    environment = {**os.environ, "DATABASE_URL": harness.database_url(), "FAIL_AT": fail_at}
    arguments = [sys.executable, "-m", "tests.faults.submitter", str(case.connection.pk), str(case.sam.pk), ref]
    ended = subprocess.run(arguments, cwd=harness.ROOT, env=environment, timeout=harness.PATIENCE)
    assert ended.returncode == -signal.SIGKILL


def resubmit(case: Case, ref: str) -> dispatches.Submitted:
    asked = harness.request(case.connection, ref, **({"end_user_number": "+14155550001"} if case.provider == C else {}))
    return dispatches.submit(connection=case.connection, requests=[asked], ref=ref, by=case.sam, source="screen")


@fault("F01", "killed before the commit of a submit")
def killed_before_commit(case: Case) -> None:
    ref = dispatches.new_ref()
    submit_beside(case, ref, "submit.stored:1:kill")
    assert not Dispatch.objects.exists()
    assert not AuditEvent.objects.filter(object_type="dispatch").exists()
    assert resubmit(case, ref).repeated is False
    case.work()
    assert case.effects() == 1


@fault("F02", "killed after the commit of a submit")
def killed_after_commit(case: Case) -> None:
    ref = dispatches.new_ref()
    submit_beside(case, ref, "submit.committed:1:kill")
    again = resubmit(case, ref)
    assert again.repeated is True
    assert Dispatch.objects.count() == 1
    case.work()
    assert case.effects() == 1


later("F03", "killed half-way through a CSV import", "needs batches")


@fault("F04", "killed while claimed")
def killed_while_claimed(case: Case) -> None:
    rows = case.send(3)
    case.killed("claim.checked:1:kill")
    assert State.CLAIMED in case.states(rows)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert not any(row.unanswered for row in Dispatch.objects.all())


@fault("F05", "killed between mark and first byte")
def killed_after_mark(case: Case) -> None:
    (row,) = case.send()
    case.killed("mark.committed:1:kill")
    case.work()
    case.expect_lost_answer_settled(row, effect=False)


@fault("F06", "killed after the bytes")
def killed_after_bytes(case: Case) -> None:
    case.fault(Kind.HANG, effect=True)
    (row,) = case.send()
    with Beside(CALL_DEADLINE=harness.PATIENCE):
        until(case.effects, "the effect")
    case.work()
    case.expect_lost_answer_settled(row, effect=True)


@fault("F07", "killed before the answer is on disk")
def killed_before_journal(case: Case) -> None:
    (row,) = case.send()
    case.killed("answer.received:1:kill")
    case.work()
    case.expect_lost_answer_settled(row, effect=True)


@fault("F07", "killed with the answer in the journal")
def killed_after_journal(case: Case) -> None:
    (row,) = case.send()
    case.killed("settle.rows:1:kill")
    case.work()
    assert case.states([row]) == [State.ACCEPTED]
    assert Invocation.objects.count() == 1


@fault("F08", "killed during reconciliation")
def killed_while_reconciling(case: Case) -> None:
    (row,) = case.send()
    case.killed("mark.committed:1:kill")
    case.killed("recover.sending:1:kill")
    case.work()
    case.expect_lost_answer_settled(row, effect=False)


@fault("F08", "two people decide at once", (C,))
def two_decide(case: Case) -> None:
    case.fault(Kind.CLOSE, effect=True)
    (row,) = case.send()
    case.work()
    refused = at_once([lambda: dispatches.decide(dispatch=row, found=Found.ARRIVED, reason="Seen", by=case.sam)] * 4)
    assert sum(isinstance(error, Refused) for error in refused) == 3
    assert Decision.objects.count() == 1


def at_once(tasks: list[Callable[[], object]]) -> list[Exception | None]:
    """Run tasks in threads that start together; the error of each."""
    errors: list[Exception | None] = [None] * len(tasks)
    gate = threading.Barrier(len(tasks))

    def run(position: int) -> None:
        gate.wait()
        try:
            tasks[position]()
        except Exception as error:
            errors[position] = error
        finally:
            databases.close_all()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@fault("F09", "SIGTERM")
def sigterm(case: Case) -> None:
    case.fault(Kind.DELAY, seconds=0.3, times=0)
    Lane.objects.update(in_flight_limit=1)
    rows = case.send(6)
    with Beside(LANE_CHUNK=2) as worker:
        until(lambda: Dispatch.objects.filter(state=State.SENDING).exists(), "a call")
        assert worker.stop() == 0
    assert set(case.states(rows)) <= {State.ACCEPTED, State.QUEUED}
    case.box.faults.clear()
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert not any(row.unanswered for row in Dispatch.objects.all())


@fault("F10", "paused beyond its lease")
def paused_beyond_lease(case: Case) -> None:
    case.settings.LANE_LEASE = 5.0
    (row,) = case.send()
    with Beside(fail_at="mark.before:1:sleep=10") as sleeper:
        until(lambda: Invocation.objects.exists() and case.has_token, "the record and the token")
        pause(sleeper)
        until(lambda: Lane.objects.get().lease_until < time.time(), "the end of the lease")
        case.work()
        os.kill(sleeper.process.pid, signal.SIGCONT)
        assert sleeper.stop() == 0
    assert case.effects() == 1
    assert case.states([row]) == [State.ACCEPTED]


@fault("F11", "two workers take the same row")
def two_claim(case: Case) -> None:
    rows = case.send(20)
    lane = Lane.objects.get()
    taken: list[int] = []

    def claim(epoch: int) -> None:
        lease = lanes.Lease(lane.pk, lane.connection_id, "somebody", epoch)
        while claimed := claims.claim(lease, 3):
            taken.extend(row.pk for row in claimed)

    assert at_once([lambda epoch=epoch: claim(epoch) for epoch in range(1, 5)]) == [None] * 4  # type: ignore[misc]
    assert sorted(taken) == sorted(row.pk for row in rows)
    Dispatch.objects.update(state=State.QUEUED)
    case.work()


@fault("F12", "two schedulers on one database")
def two_schedulers(case: Case) -> None:
    case.send(10)
    taken = at_once([lambda: _take_once("drill")] * 6)
    assert sum(error is None for error in taken) == 1
    with Beside(), Beside():
        until(lambda: not harness.open_rows(), "both workers")
    assert case.effects() == 10


def _take_once(name: str) -> None:
    Chore.objects.get_or_create(name=name)
    if not chores._take(name, f"holder {threading.get_ident()}", 0.0):
        raise Refused("taken")


@fault("F13", "double click")
def double_click(case: Case) -> None:
    ref = dispatches.new_ref()
    errors = at_once([lambda: resubmit(case, ref)] * 8)
    assert [error for error in errors if error] == []
    assert Dispatch.objects.count() == 1
    case.work()
    assert case.effects() == 1


later("F14", "same CSV twice", "needs batches")
later("F15", "same recipient twice in a file", "needs batches")


@fault("F16", "row that crashes the worker")
def poison(case: Case) -> None:
    (row,) = case.send()
    for _number in range(case.settings.CRASHES_ALLOWED):
        case.killed("plan.opened:1:kill")
    others = case.send(2)
    case.work()
    row.refresh_from_db()
    assert (row.state, row.outcome_code) == (State.NOT_SENT, "desk.set_aside")
    assert set(case.states(others)) == {State.ACCEPTED}


@fault("F16", "row that crashes the worker after it left", (V, A))
def poison_in_doubt(case: Case) -> None:
    (row,) = case.send()
    for _number in range(case.settings.CRASHES_ALLOWED):
        case.killed("mark.committed:1:kill")
    case.work()
    assert case.states([row]) == [State.IN_DOUBT]
