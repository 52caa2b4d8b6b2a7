"""Faults F50 to F61: storage, time and resources."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database
from django.db.models import Q

from dashboard.choices import State
from dashboard.models import AuditEvent, Chore, Dispatch, Invocation, Lane, Worker
from providers.sandbox.faults import Kind
from tests import factories
from tests.dashboard.engine import harness
from tests.dashboard.engine.harness import Beside, until
from tests.faults.case import ALL, Case, fault, later


@contextmanager
def write_lock(seconds: float) -> Iterator[threading.Thread]:
    """Hold what keeps every writer of dispatches out, from a connection of its own, for so long."""
    ready = threading.Event()

    def hold() -> None:
        if database.vendor == "sqlite":
            own = sqlite3.connect(database.settings_dict["NAME"], isolation_level=None, timeout=20)
            own.execute("BEGIN IMMEDIATE")
            ready.set()
            time.sleep(seconds)
            own.execute("ROLLBACK")
            own.close()
        else:
            with transaction.atomic(), database.cursor() as cursor:
                cursor.execute("LOCK TABLE dashboard_dispatch IN EXCLUSIVE MODE")
                ready.set()
                time.sleep(seconds)
            database.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(harness.PATIENCE)
    yield thread
    thread.join()


@fault("F50", "database locked before sending")
def locked_before(case: Case) -> None:
    rows = case.send(2)
    with write_lock(1.0):
        case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 2


@fault("F50", "database locked when the answer comes")
def locked_at_answer(case: Case) -> None:
    over = case.held_back()
    (row,) = case.send()
    with Beside(CALL_DEADLINE=harness.PATIENCE):
        until(case.effects, "the effect")
        with write_lock(1.0):
            over.set()
        until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
    assert Invocation.objects.count() == 1


@fault("F51", "database away at the mark")
def away_at_mark(case: Case) -> None:
    (row,) = case.send()
    with Beside(fail_at="mark.before:1:database"):
        until(lambda: case.states([row]) == [State.ACCEPTED], "the second attempt")
    first, second = Invocation.objects.order_by("pk")
    assert (first.marked_at, first.failure, first.status) == (None, "mark_refused", None)
    assert second.status
    assert case.effects() == 1


@fault("F51", "database away while the mark is written")
def away_in_mark(case: Case) -> None:
    (row,) = case.send()
    with Beside(fail_at="mark.updated:1:database"):
        until(lambda: case.states([row]) == [State.ACCEPTED], "the second attempt")
    assert case.effects() == 1
    assert Dispatch.objects.get().unanswered is False


@fault("F52", "database away after the answer")
def away_after_answer(case: Case) -> None:
    (row,) = case.send()
    with Beside(fail_at="settle.before:1:database,settle.rows:2:database"):
        until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
    assert Invocation.objects.count() == 1
    assert case.effects() == 1


@fault("F52", "database away until patience ends")
def away_beyond_patience(case: Case) -> None:
    (row,) = case.send()
    with Beside(fail_at="settle.before:1:database", SETTLE_PATIENCE=0):
        until(lambda: case.states([row]) == [State.ACCEPTED], "the journal's replay")
    assert Invocation.objects.count() == 1
    assert case.effects() == 1


@fault("F52", "database cut off again and again")
def cut_off(case: Case) -> None:
    case.fault(Kind.DELAY, seconds=0.1, times=0)
    rows = case.send(8)
    with Beside(LANE_CHUNK=2) as worker:
        until(Worker.objects.exists, "the worker")
        for _number in range(5):
            cut()
            time.sleep(0.2)
        until(lambda: not harness.open_rows(), "the rest")
        assert not worker.ended
    assert set(case.states(rows)) <= {State.ACCEPTED, State.IN_DOUBT}
    assert State.IN_DOUBT not in case.states(rows) or not case.repeats


def cut() -> None:
    """End every other connection to the database; SQLite has none, so keep writers out for a moment instead."""
    if database.vendor == "sqlite":
        with write_lock(0.3):
            return
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@fault("F54", "moments set by a clock that was an hour ahead")
def clock_set_back(case: Case) -> None:
    case.settings.LANE_LEASE, hour = 5.0, time.time() + 3600
    Lane.objects.update(holder="elsewhere", lease_until=hour, next_call_at=hour, hold_until=hour, heartbeat_at=hour, calls=160)
    Chore.objects.update_or_create(name="give_up", defaults={"holder": "elsewhere", "lease_until": hour, "due_at": hour})
    rows = case.send(2)
    (late,) = case.send(1, give_up_after=0.0)
    Dispatch.objects.filter(pk=late.pk).update(suspended=True)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.states([late]) == [State.NOT_SENT]


@fault("F54", "another worker's clock is an hour ahead")
def clock_ahead(case: Case) -> None:
    over = case.held_back()
    (row,) = case.send()
    with Beside(CALL_DEADLINE=harness.PATIENCE):
        until(case.effects, "the effect")
        with Beside(clock=(3600.0, 0.0), CALL_DEADLINE=harness.PATIENCE):
            until(lambda: Worker.objects.count() == 2, "the other")
            time.sleep(2.0)  # in which it would take over, if it ever did
            over.set()
            until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
    row.refresh_from_db()
    assert (row.unanswered, row.crashes, row.attempts) == (False, 0, 1)
    assert Lane.objects.get().epoch == 1


def clock_set(jump: float, way: str) -> None:
    @fault("F54", f"clock set {way} by an hour between two calls")
    def jumped(case: Case) -> None:
        case.settings.LANE_LINGER = 600.0
        first = case.send(2)
        with Beside(clock=(0.0, jump)) as worker:
            until(lambda: set(case.states(first)) == {State.ACCEPTED}, "the first")
            worker.set_clock()
            second = case.send(2)
            until(lambda: set(case.states(second)) == {State.ACCEPTED}, "the second")
        assert case.effects() == 4
        assert not Dispatch.objects.filter(Q(unanswered=True) | Q(crashes__gt=0)).exists()


clock_set(3600.0, "forward")
clock_set(-3600.0, "back")


later("F55", "memory under a large CSV", "needs batches")


@fault("F56", "one provider hangs, the others go on")
def bulkhead(case: Case) -> None:
    case.fault(Kind.HANG, times=0)
    others = [factories.sandbox_connection(case.box, key) for key in ALL if key != case.provider]
    case.send(2)
    rows = [row for other in others for row in harness.send(other, case.sam, 3)]
    with Beside():
        until(lambda: set(case.states(rows)) == {State.ACCEPTED}, "the others")
    case.box.faults.clear()
    case.work()


@contextmanager
def no_audit() -> Iterator[None]:
    """The audit trail cannot be written."""
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE dashboard_auditevent RENAME TO elsewhere")
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO dashboard_auditevent")


@fault("F57", "audit trail cannot be written at a submit")
def no_audit_at_submit(case: Case) -> None:
    with no_audit(), pytest.raises(DatabaseError):
        case.send()
    assert not Dispatch.objects.exists()
    case.send()
    case.work()
    assert case.effects() == 1


@fault("F57", "audit trail cannot be written while sending")
def no_audit_while_sending(case: Case) -> None:
    rows = case.send(2)
    with no_audit():
        case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert AuditEvent.objects.filter(action="dispatch.made").count() == 2


later("F58", "audit chain head contended", "needs the audit chain")
later("F60", "CSV files of every kind", "needs batches")
later("F61", "formula cells in exports", "needs exports")
