"""Faults F17 to F19: durability, backups, and databases that are not what they were."""

from __future__ import annotations

import base64
from datetime import timedelta

from django.core.checks import run_checks
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F

from dashboard import crypto
from dashboard.choices import State
from dashboard.models import Attempt, AuditEvent, Connection, Desk, Dispatch, Errand, Invocation, Worker
from dashboard.services import connections, errands, instance, restore
from tests.dashboard.engine.harness import Beside, until
from tests.faults.case import DESK, Case, fault
from tests.faults.moments import at, work_past


@fault("F17", "power loss settings", DESK)
def power_loss(case: Case) -> None:
    statement = "PRAGMA synchronous=NORMAL" if database.vendor == "sqlite" else "SET synchronous_commit=off"
    with database.cursor() as cursor:
        cursor.execute(statement)
    assert "desk.E001" in {message.id for message in run_checks(databases=["default"])}
    database.close()
    assert "desk.E001" not in {message.id for message in run_checks(databases=["default"])}


@fault("F18", "database restored from a backup")
def restored(case: Case) -> None:
    in_the_backup = case.send()
    case.work()
    kept = Invocation.objects.get()
    before = case.send(2)
    case.work()
    restore.remember()
    (forgotten,) = case.send()
    Dispatch.objects.filter(pk__in=[row.pk for row in before]).update(state=State.QUEUED)
    Attempt.objects.exclude(invocation=kept).delete()
    Invocation.objects.exclude(pk=kept.pk).delete()
    assert restore.fence()
    connection = Connection.objects.get()
    assert connection.is_paused
    assert "backup" in connection.paused_reason
    connections.resume(connection=connection, by="tests")
    case.work()
    expected = State.ACCEPTED if case.repeats else State.IN_DOUBT
    assert set(case.states([*before, forgotten])) == {expected}
    assert case.states(in_the_backup) == [State.ACCEPTED]


@fault("F18", "database restored to before its first call")
def restored_to_the_beginning(case: Case) -> None:
    rows = case.send(2)
    case.work()
    restore.remember()
    Dispatch.objects.update(state=State.QUEUED)
    Attempt.objects.all().delete()
    Invocation.objects.all().delete()
    assert restore.fence()
    assert Connection.objects.get().is_paused
    connections.resume(connection=case.connection, by="tests")
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED if case.repeats else State.IN_DOUBT}
    assert case.effects() == 2


@fault("F18", "another database in its place", DESK)
def another_database(case: Case) -> None:
    case.send()
    case.work()
    restore.remember()
    MigrationRecorder.Migration.objects.update(applied=F("applied") + timedelta(days=1))
    Attempt.objects.all().delete()
    Invocation.objects.all().delete()
    assert not restore.fence()
    assert not Connection.objects.get().is_paused


@fault("F19", "production copy with another key")
def other_key(case: Case) -> None:
    rows = case.send(2)
    other = base64.b64encode(b"x" * 32).decode()
    with Beside(DESK_KEYS=other) as worker:
        until(lambda: worker.ended, "the refusal to start")
        assert worker.process.returncode != 0
    assert set(case.states(rows)) == {State.QUEUED}
    assert case.effects() == 0
    case.work()


@fault("F19", "dispatches sealed with a key that is gone")
def key_gone(case: Case) -> None:
    rows = case.send(2)
    with case.patch.context() as patch:
        patch.setattr(crypto, "unseal", _unreadable)
        case.work(until_settled=False)
    connection = Connection.objects.get()
    assert connection.is_paused
    assert "cannot be" in connection.paused_reason
    assert set(case.states(rows)) == {State.QUEUED}
    connections.resume(connection=connection, by="tests")
    case.work()
    assert case.effects() == 2


def _unreadable(sealed: bytes, place: str) -> bytes:
    raise crypto.Unreadable("No key in DESK_KEYS opens this value.")


# --- whose database it is -------------------------------------------------------------------------


def used_by_production(case: Case) -> None:
    """Production's worker sends two dispatches, and ends; the database is its own from then on."""
    rows = case.send(2)
    with Beside(INSTANCE="production") as worker:
        until(lambda: set(case.states(rows)) == {State.ACCEPTED}, "production's own")
        assert worker.stop() == 0
    assert Desk.objects.get().instance == "production"


def stopped() -> bool:
    return Desk.objects.filter(stopped_at__isnull=False).exists()


@fault("F19", "production copy started as another instance")
def another_instance(case: Case) -> None:
    used_by_production(case)
    rows = case.send(2)
    errand = errands.ask(connection=case.connection, what=errands.TEST, by=case.sam)
    calls = len(case.box.requests(case.provider, "/*"))
    with Beside(INSTANCE="staging", WORKER_STALE=0.3):
        until(stopped, "the stop")
        reason = Desk.objects.get().stopped_reason
        assert "“production”" in reason
        assert "“staging”" in reason
        assert set(case.states(rows)) == {State.QUEUED}
        assert Errand.objects.get(pk=errand.pk).started_at is None
        assert len(case.box.requests(case.provider, "/*")) == calls
        assert connections.resume_desk(by=case.sam)
        until(lambda: set(case.states(rows)) == {State.ACCEPTED}, "those that an admin let go")
    assert Desk.objects.get().instance == "staging"
    handed_over = AuditEvent.objects.get(action="desk.handed_over")
    assert (handed_over.actor, handed_over.detail) == (case.sam, {"owner": "production", "instance": "staging"})
    case.work()


@fault("F19", "worker of another instance beside the right one")
def beside_the_right_one(case: Case) -> None:
    case.settings.LANE_LINGER = 0.0
    with Beside(INSTANCE="production"):
        until(lambda: Worker.objects.count() == 1, "the right worker")
        with Beside(INSTANCE="staging"):
            until(AuditEvent.objects.filter(action="desk.refused").exists, "the refusal")
            for _number in range(5):
                rows = case.send(2)
                until(lambda rows=rows: set(case.states(rows)) == {State.ACCEPTED}, "the right worker's")  # type: ignore[misc]
            assert not stopped()
            assert set(Invocation.objects.values_list("worker", flat=True)) == {Worker.objects.get().name}
    assert case.effects() == 10


@fault("F19", "database handed over between claim and first byte")
def handed_over_before_the_mark(case: Case) -> None:
    (row,) = case.send()
    ours, case.settings.INSTANCE = case.settings.INSTANCE, "production"
    instance.settle_in()
    with at("mark.before", lambda: Desk.objects.update(instance="staging")) as moment:
        work_past(moment)
    assert Invocation.objects.filter(ended_at__isnull=False).count() == 1
    case.expect_not_sent_yet(row)
    case.settings.INSTANCE = ours
    Desk.objects.update(instance="")
    case.work()
    assert case.effects() == 1
