"""Faults F38 to F47: tokens, credentials, and refusals with a meaning of their own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import AccessToken, Connection, Dispatch, Invocation, Lane
from dashboard.services import connections, dispatches, secrets
from dashboard.services.refusals import Refused
from providers.sandbox.faults import Kind
from providers.sandbox.world import ready_made
from tests import factories
from tests.dashboard.engine import harness
from tests.dashboard.engine.harness import Beside, until
from tests.dashboard.engine.pausing import lock_is_free
from tests.faults.case import ALL, API, A, C, Case, V, fault

JSON = (("Content-Type", "application/json"),)


def new_secrets(case: Case, value: str = "") -> None:
    """Put every secret again: the right ones, or all the same wrong one."""
    kept = secrets.read(connection=case.connection)
    for field in case.connection.vendor.secrets:
        secrets.put(connection=case.connection, name=field.name, value=value or kept[field.name], by="tests")


@fault("F38", "401 in the middle", (V,))
def token_expired(case: Case) -> None:
    first = case.send(2)
    case.work()
    case.box.world.change("vonage", "token_generation", 2)
    second = case.send(4)
    case.work()
    assert set(case.states(first + second)) == {State.ACCEPTED}
    assert case.effects() == 6
    assert 401 in Invocation.objects.values_list("status", flat=True)


@fault("F38", "401 of a token too young to be renewed", (A,))
def token_too_young(case: Case) -> None:
    case.send(1)
    case.work()
    case.fault(Kind.ANSWER, status=401)
    rows = case.send(2)
    case.work(until_settled=False)
    connection = Connection.objects.get()
    assert connection.is_paused
    assert State.QUEUED in case.states(rows)
    assert len(case.box.requests("acoustic", "/oauth/*")) == 1
    new_secrets(case)
    connections.resume(connection=connection, by="tests")
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 3


@fault("F38", "token renewed early", (V,))
def early(case: Case) -> None:
    case.send(1)
    case.work()
    AccessToken.objects.update(issued_at=F("issued_at") - 7_000, expires_at=F("expires_at") - 7_000)
    case.send(1)
    case.work()
    assert len(case.box.requests("vonage", "/Auth/*")) == 2
    assert 401 not in Invocation.objects.values_list("status", flat=True)


@fault("F38", "one token for all threads and processes", (V, A))
def single_flight(case: Case) -> None:
    case.fault(Kind.DELAY, tokens=True, seconds=0.2)
    Lane.objects.update(in_flight_limit=4, calls=0)
    case.settings.LANE_CHUNK = 1
    case.send(12)
    with harness.Beside(), harness.Beside():
        harness.until(lambda: not harness.open_rows(), "both workers")
    assert len(case.box.requests(case.provider, {"vonage": "/Auth/*", "acoustic": "/oauth/*"}[case.provider])) == 1


@fault("F39", "credentials revoked")
def revoked(case: Case) -> None:
    new_secrets(case, "revoked")
    rows = case.send(5)
    case.work(until_settled=False)
    connection = Connection.objects.get()
    assert connection.is_paused
    assert set(case.states(rows)) == {State.QUEUED}
    assert case.effects() == 0
    account = ready_made(case.box.url)[case.provider]
    for name, value in account["secrets"].items():
        secrets.put(connection=connection, name=name, value=value, by="tests")
    connections.resume(connection=connection, by="tests")
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 5


@fault("F39", "access withdrawn, 403", (V, C))
def withdrawn(case: Case) -> None:
    case.box.world.change(case.provider, "access", False)
    rows = case.send(3)
    case.work(until_settled=False)
    assert Connection.objects.get().is_paused
    assert set(case.states(rows)) == {State.QUEUED}
    case.box.world.change(case.provider, "access", True)
    Connection.objects.update(paused_at=None)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F39", "403 on one message", (A,))
def one_forbidden(case: Case) -> None:
    (bad,) = case.send(1, changes={"publishedMessageId": "99999999-aaaa-4bbb-8ccc-dddddddddddd", "contactSourceId": 4396830})
    (good,) = case.send()
    case.work()
    assert case.states([bad, good]) == [State.REJECTED, State.ACCEPTED]
    assert not Connection.objects.get().is_paused


def token_trouble(title: str, kind: Kind, **terms: Any) -> None:
    @fault("F40", title, (V, A))
    def troubled(case: Case) -> None:
        if kind is Kind.HANG:
            case.run_out_of_time(tokens=True)
        case.fault(kind, tokens=True, **terms)
        (row,) = case.send()
        case.work()
        assert case.states([row]) == [State.ACCEPTED]
        first, second = Invocation.objects.order_by("pk")
        assert (first.failure, first.marked_at) == ("token", None)
        assert second.status


token_trouble("token server slow", Kind.HANG)
token_trouble("token server down", Kind.ANSWER, status=503)
token_trouble("token answer malformed", Kind.ANSWER, status=200, body=b'{"access_token": 5', headers=JSON)
token_trouble("token of a megabyte", Kind.ANSWER, status=200, body=b'{"access_token":"' + b"a" * 900_000 + b'"}', headers=JSON)
token_trouble("token server redirects", Kind.REDIRECT, location="http://127.0.0.1:9/")


@fault("F40", "odd lives of tokens", (V,))
def odd_lives(case: Case) -> None:
    for life in ("-5", "1e300", '"soon"', "null", "99999999999"):
        AccessToken.objects.all().delete()
        body = b'{"access_token":"odd","token_type":"bearer","expires_in":' + life.encode() + b"}"
        case.fault(Kind.ANSWER, tokens=True, status=200, body=body, headers=JSON)
        case.fault(Kind.ANSWER, status=200, effect=False, body=b"[]", headers=JSON)
        case.send()
        case.work(until_settled=False)
        token = AccessToken.objects.get()
        assert 60 <= token.expires_at - token.issued_at <= 14_400
    Dispatch.objects.all().update(state=State.CANCELLED)


@fault("F41", "credential replaced in the middle")
def replaced(case: Case) -> None:
    first = case.send()
    case.work()
    new_secrets(case)
    second = case.send()
    case.work()
    assert set(case.states(first + second)) == {State.ACCEPTED}
    versions = list(Invocation.objects.order_by("pk").values_list("secrets_version", flat=True))
    assert versions[0] < versions[-1]


@fault("F41", "address cannot change while rows are open")
def address_change(case: Case) -> None:
    case.send()
    lane, connection = Lane.objects.get(), case.connection
    changed = {name: value.replace("127.0.0.1", "localhost") for name, value in connection.settings.items()}
    with pytest.raises(Refused, match="open"):
        connections.change(
            connection=connection,
            name=connection.name,
            environment="sandbox",
            settings=changed,
            country="US",
            undo_seconds=0,
            in_flight=lane.in_flight_limit,
            calls=lane.calls,
            per_seconds=lane.per_seconds,
            by="tests",
        )
    case.work()
    assert case.effects() == 1


@fault("F42", "name taken on a clean first attempt", (A,))
def name_taken(case: Case) -> None:
    (first,) = case.send()
    case.work()
    ref = dispatches.new_ref()
    asked = harness.request(case.connection, ref)
    command = type(asked.command)(asked.command.action, f"again {ref}", asked.command.values)
    other = dispatches.Request(command, asked.summary)
    (row,) = dispatches.submit(connection=case.connection, requests=[other], ref=ref, by=case.sam, source="terminal").dispatches
    case.box.world.state("acoustic").setdefault("names", set()).add(f"again {ref}")
    case.work()
    assert case.states([first, row]) == [State.ACCEPTED, State.REJECTED]


@fault("F43", "scheduledDate passes while waiting", (A,))
def schedule_passed(case: Case) -> None:
    soon = (timezone.now() + timedelta(seconds=1)).isoformat(timespec="milliseconds")
    case.fault(Kind.ANSWER, status=429, times=0)
    case.settings.THROTTLE_PAUSE = 0.3
    (row,) = case.send(1, changes={"scheduledDate": soon})
    case.work()
    case.box.faults.clear()
    case.work()
    row.refresh_from_db()
    assert row.state == State.NOT_SENT
    assert case.effects() == 0


@fault("F44", "customer in an active session", (C,))
def active_session(case: Case) -> None:
    case.box.world.change("ccai", "session_guard", True)
    changes = {"end_user_number": "+14155550123"}
    (first,) = case.send(1, changes=changes)
    case.work()
    (second,) = case.send(1, changes=changes)
    case.work()
    assert case.states([first, second]) == [State.ACCEPTED, State.REJECTED]
    second.refresh_from_db()
    assert second.outcome_code == "ccai.session_active"


@fault("F45", "documented refusals", (C,))
def documented(case: Case) -> None:
    (bad,) = case.send(1, changes={"chat_type": "Pigeon"})
    case.work()
    assert case.states([bad]) == [State.REJECTED]
    assert not Connection.objects.get().is_paused


@fault("F45", "refusals that every row would get", (C,))
def refused_for_all(case: Case) -> None:
    for name in ("sms_enabled", "outbound_enabled"):
        case.box.world.change("ccai", name, False)
        Lane.objects.update(in_flight_limit=1)
        rows = case.send(4)
        case.work(until_settled=False)
        assert Connection.objects.get().is_paused
        assert case.states(rows).count(State.REJECTED) <= 1
        case.box.world.change("ccai", name, True)
        Connection.objects.update(paused_at=None)
        case.work()
        assert case.states(rows).count(State.ACCEPTED) >= 3


@fault("F46", "new keys in the answer")
def new_keys(case: Case) -> None:
    bodies = {
        V: b"[]",
        A: json.dumps({"meta": {"new": 1}, "data": {"id": 7, "location": "http://x/7", "colour": "red"}, "more": []}).encode(),
        C: json.dumps({"id": 7, "status": "hibernating", "colour": "red", "agent_info": None, "participants": "none"}).encode(),
    }
    status = 201 if case.provider == A else 200
    (row,) = case.send()
    case.fault(Kind.ANSWER, effect=True, status=status, body=bodies[case.provider], headers=JSON)
    case.work()
    assert case.states([row]) == [State.ACCEPTED]
    assert Invocation.objects.count() == 1


@fault("F47", "provider accepts very slowly")
def slow(case: Case) -> None:
    over = case.held_back()
    other = next(key for key in ALL if key != case.provider)
    quick = factories.sandbox_connection(case.box, other)
    held = case.send(2)
    with Beside(CALL_DEADLINE=harness.PATIENCE):
        until(case.effects, "the effect")
        rows = harness.send(quick, case.sam, 3)
        until(lambda: set(case.states(rows)) == {State.ACCEPTED}, "the others")
        assert State.ACCEPTED not in case.states(held)
        over.set()
        until(lambda: set(case.states(held)) == {State.ACCEPTED}, "the slow ones")


@fault("F47", "no transaction is open while a call is under way")
def nothing_locked(case: Case) -> None:
    over = case.held_back()
    (row,) = case.send()
    with Beside(CALL_DEADLINE=harness.PATIENCE):
        until(case.effects, "the effect")
        until(lock_is_free, "the end of all transactions")
        assert case.states([row]) == [State.SENDING]
        assert case.box.requests(case.provider, API[case.provider])[0].ended is None
        over.set()
        until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
