"""Faults F50 to F67: storage, time, resources, and input that means harm."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Attempt, AuditEvent, Dispatch, Invocation, Lane
from dashboard.services import dispatches, form_tokens
from providers.fields import ActionForm, FormContext
from providers.sandbox.faults import Kind
from tests import factories
from tests.dashboard.engine import harness
from tests.dashboard.engine.harness import Beside, until
from tests.faults.case import ALL, DESK, C, Case, V, fault, later


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
    case.fault(Kind.DELAY, seconds=0.4, effect=True)
    (row,) = case.send()
    with Beside():
        until(case.effects, "the effect")
        with write_lock(1.0):
            pass
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


@fault("F53", "disk nearly full")
def disk_full(case: Case) -> None:
    rows = case.send(2)
    case.settings.DISK_LEAST = 10**18
    with Beside() as worker:
        until(lambda: Lane.objects.get().epoch > 0, "the lane")
        assert not worker.ended
    assert set(case.states(rows)) == {State.QUEUED}
    assert case.effects() == 0
    case.settings.DISK_LEAST = 0
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F54", "clock set back")
def clock_set_back(case: Case) -> None:
    hour = time.time() + 3600
    Lane.objects.update(holder="elsewhere", lease_until=hour, next_call_at=hour, hold_until=hour, heartbeat_at=hour, calls=160)
    rows = case.send(2)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F54", "clock set forward during a call")
def clock_set_forward(case: Case) -> None:
    case.fault(Kind.DELAY, seconds=1.0, effect=True)
    (row,) = case.send()
    with Beside():
        until(case.effects, "the effect")
        Lane.objects.update(lease_until=F("lease_until") - 3600)
        until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
    assert Invocation.objects.count() == 1


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

NUMBERS = (
    "+1415555" + "\u0660\u0661\u0662\u0663",
    "+1415555\uff10\uff11\uff12\uff13",
    "+14155550100\u200b",
    "+1415555CALL",
    "+14155550100 ext 5",
    "+141555501001234567",
    "12",
    "",
)


def form(case: Case, action: str, **data: str) -> ActionForm:
    items: dict[str, list[object]] = {}
    for item in case.connection.items.all():
        items.setdefault(item.kind, []).append(item.as_item())
    context = FormContext(case.connection.account(), dispatches.new_ref(), "UTC", timezone.now(), items)  # type: ignore[arg-type]
    return case.connection.vendor.action(action).form(data, context=context)


@fault("F62", "telephone numbers that are none", (C,))
def odd_numbers(case: Case) -> None:
    for number in NUMBERS:
        filled = form(case, "text", end_user_number=number, outbound_number="+16285550199", message="Hello")
        assert not filled.is_valid() or filled.cleaned_data["end_user_number"].isascii()
        assert filled.is_valid() is False or len(filled.cleaned_data["end_user_number"]) <= 16


TEXTS = ("a\x00b", "a\x1bb", "a\u202eb", "a\u2028b", "a\u200bb", "a\ufeffb")
FIELDS = {
    "vonage": ("route", "externalid", {"route": "CrmCallRouting"}),
    "acoustic": ("send", "message_name", {"message": "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77", "contact_source": "4396830"}),
    "ccai": ("text", "message", {"end_user_number": "+14155550100", "outbound_number": "+16285550199"}),
}


@fault("F63", "texts with characters that cannot be seen")
def odd_texts(case: Case) -> None:
    action, name, rest = FIELDS[case.provider]
    refused = [name in form(case, action, **rest, **{name: text}).errors for text in TEXTS]
    assert all(refused), refused
    assert name not in form(case, action, **rest, **{name: "Grüße 👋🏽 שלום"}).errors


@fault("F64", "values beyond the vendor's limits", (V,))
def beyond_limits(case: Case) -> None:
    rows = case.send(60, changes={"linkeddata": [{"type": "interactionproperty", "key": "note", "value": "x" * 4_000}]})
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.box.counters("vonage", "/interactions/*").largest_body <= 100_000


@fault("F65", "forms that are too large", DESK)
def oversize_form(case: Case) -> None:
    client = Client()
    client.force_login(case.sam)
    path = reverse("compose_form", args=[case.connection.name, "route"])
    many = client.post(path, {f"field{number}": "x" for number in range(1_001)})
    large = client.post(path, {"externalid": "x" * 3_000_000})
    assert {many.status_code, large.status_code} <= {400, 413}
    assert not Dispatch.objects.exists()


@fault("F66", "tampered form token", DESK)
def tampered(case: Case) -> None:
    token = form_tokens.make_token(ref="abcdefghjk", person=case.sam)
    assert form_tokens.read_token(token, person=case.sam).ref == "abcdefghjk"
    changed = token.replace(token[3], "A" if token[3] != "A" else "B", 1)
    assert form_tokens.read_token(changed, person=case.sam).ref == ""
    assert form_tokens.read_token(token, person=factories.person(supervisor=True)).ref == ""


@fault("F67", "hostile words in an answer")
def hostile_words(case: Case) -> None:
    words = b"<script>alert(1)</script>\x1b[31m\r\nSet-Cookie: a=b\x00" + b"A" * 900_000
    case.fault(Kind.ANSWER, status=400, body=words, headers=(("Content-Type", "text/html"),))
    (row,) = case.send()
    case.work()
    row.refresh_from_db()
    assert row.state == State.REJECTED
    assert len(row.said) <= 2_000
    assert not any(character in row.said for character in "\x00\x1b")
    assert "\x00" not in Invocation.objects.get().answer_shown
    assert Attempt.objects.get().said == row.said
