"""Faults F27 to F37: answers that prove little or nothing."""

from __future__ import annotations

import json
from typing import Any

from dashboard.choices import Breaker, State
from dashboard.models import AuditEvent, Connection, Dispatch, Invocation, Lane
from providers.sandbox.faults import Kind
from tests.faults.case import A, Case, V, fault


@fault("F27", "body shorter than announced")
def cut(case: Case) -> None:
    spoilt(case, Kind.CUT_BODY, size=1)


@fault("F27", "proof of an earlier attempt cut off", (A,))
def proof_cut_off(case: Case) -> None:
    case.fault(Kind.CLOSE, effect=True)
    case.fault(Kind.CUT_BODY, first=2, size=1)
    (row,) = case.send()
    case.work()
    row.refresh_from_db()
    assert (row.state, row.outcome_code) == (State.ACCEPTED, "acoustic.name_taken")
    assert case.effects() == 1
    assert Invocation.objects.count() == 3


@fault("F27", "chunks cut off")
def cut_chunked(case: Case) -> None:
    spoilt(case, Kind.CUT_CHUNKED, size=1)


def spoilt(case: Case, kind: Kind, **terms: Any) -> None:
    """The vendor did its work and its answer is spoilt: a status of 201 is enough for A, the others need the body."""
    case.fault(kind, **terms)
    (row,) = case.send()
    case.work()
    if case.provider == A:
        row.refresh_from_db()
        assert (row.state, case.effects()) == (State.ACCEPTED, 1)
        assert Invocation.objects.count() == 1
    else:
        case.expect_lost_answer_settled(row, effect=True)


BODIES = {
    "null": b"null",
    "empty object": b"{}",
    "a text": b'"ok"',
    "HTML": b"<!doctype html><p>ok",
    "deep nesting": b"[" * 100_000,
    "a giant number": b'{"id": ' + b"9" * 5_000 + b"}",
    "NaN": b'{"id": NaN}',
    "a byte order mark": b"\xef\xbb\xbf[]",
    "a key twice": b'{"id": 1, "id": 2}',
    "invalid UTF-8": b'{"id": "\xff\xfe"}',
    "a lone surrogate": b'{"id": "\\ud800"}',
    "NUL": b'{"id": "\\u0000\x00"}',
    "nothing": b"",
}


@fault("F28", "answers that are no answer")
def malformed(case: Case) -> None:
    Lane.objects.update(in_flight_limit=1, calls=0)
    status = 202 if case.provider == A else 200
    case.settings.BREAKER_PAUSE = 0.01
    rows = []
    for body in BODIES.values():
        case.fault(Kind.ANSWER, status=status, body=body, headers=(("Content-Type", "application/json"),))
        rows += case.send()
        case.work()
    expected = State.ACCEPTED if case.repeats else State.IN_DOUBT
    assert set(case.states(rows)) == {expected}, dict(zip(BODIES, case.states(rows), strict=True))
    assert case.effects() == (len(rows) if case.repeats else 0)


@fault("F29", "ids in the answer that are not ours", (V,))
def foreign_ids(case: Case) -> None:
    case.fault(Kind.ANSWER, effect=True, status=200, body=b'["somebody-else"]', headers=(("Content-Type", "application/json"),))
    rows = case.send(3)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert len({invocation.digest for invocation in Invocation.objects.all()}) == 1
    assert case.effects() == 3


@fault("F29", "our ids in the answer, written otherwise", (V,))
def ids_written_otherwise(case: Case) -> None:
    rows = case.send(3)
    refused = rows[1].key
    listed = json.dumps([refused.upper(), f" {refused} ", refused]).encode()
    case.fault(Kind.ANSWER, status=200, body=listed, headers=(("Content-Type", "application/json"),))
    case.work()
    assert case.states(rows) == [State.ACCEPTED, State.REJECTED, State.ACCEPTED]
    assert Invocation.objects.count() == 1
    # No vendor did anything: the answer was made up. What it led to must not be held against the ledger.
    Dispatch.objects.update(state=State.REJECTED)


@fault("F30", "partial failure", (V,))
def partial(case: Case) -> None:
    rows = case.send(20)
    (bad,) = case.send(1, changes={"route": "no such route"})
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.states([bad]) == [State.REJECTED]
    assert Invocation.objects.count() == 1


@fault("F31", "duplicate listed as failed after a lost answer", (V,))
def duplicate_listed(case: Case) -> None:
    case.box.world.change("vonage", "duplicate", "failed")
    case.fault(Kind.CLOSE, effect=True)
    (row,) = case.send()
    case.work()
    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    assert row.advice


@fault("F32", "answer over a megabyte")
def oversize(case: Case) -> None:
    spoilt(case, Kind.OVERSIZE, size=1_200_000)


@fault("F32", "compressed bomb")
def bomb(case: Case) -> None:
    spoilt(case, Kind.GZIP_BOMB, size=20_000_000)


def server_error(status: int) -> None:
    @fault("F33", f"status {status}")
    def answered(case: Case) -> None:
        case.fault(Kind.ANSWER, status=status, effect=True, body=b"upstream trouble")
        (row,) = case.send()
        case.work()
        case.expect_lost_answer_settled(row, effect=True)


for number in (408, 500, 502, 503, 504):
    server_error(number)


@fault("F33", "outage bounds the doubt")
def outage(case: Case) -> None:
    case.settings.BREAKER_PAUSE = 60.0
    case.fault(Kind.ANSWER, status=503, times=0)
    rows = case.send(20)
    case.work(until_settled=False)
    lane, limit = Lane.objects.get(), case.connection.vendor.limits.breaker
    doubtful = case.states(rows).count(State.IN_DOUBT)
    assert doubtful <= (0 if case.repeats else lane.in_flight_limit + limit)
    case.box.faults.clear()
    Lane.objects.update(probe_at=0)
    case.work()
    lane.refresh_from_db()
    assert case.states(rows).count(State.ACCEPTED) == 20 - doubtful
    assert lane.breaker == Breaker.CLOSED


@fault("F34", "too many requests")
def throttled(case: Case) -> None:
    case.fault(Kind.ANSWER, status=429, times=2, headers=(("Retry-After", "1"),))
    rows = case.send(4)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 4
    assert not Dispatch.objects.filter(unanswered=True).exists()
    lane = Lane.objects.get()
    assert lane.slow_until > lane.hold_until


@fault("F34", "unreadable Retry-After")
def throttled_oddly(case: Case) -> None:
    for value in ("soon", "-5", "99999999999999", ""):
        case.fault(Kind.ANSWER, status=429, headers=(("Retry-After", value),))
        (row,) = case.send()
        case.work(until_settled=False)
        Lane.objects.update(hold_until=0)
        Dispatch.objects.filter(state=State.WAITING).update(state=State.QUEUED)
        case.work()
        assert case.states([row]) == [State.ACCEPTED]


@fault("F35", "eleventh request at once", (A,))
def eleventh(case: Case) -> None:
    case.box.world.change("acoustic", "concurrency", 1)
    case.fault(Kind.DELAY, seconds=0.05, times=0)
    Lane.objects.update(in_flight_limit=6, calls=0)
    rows = case.send(8)
    case.work(until_settled=False)
    case.box.world.change("acoustic", "concurrency", 10)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 8


@fault("F35", "own limit holds at the vendor", (A,))
def own_limit(case: Case) -> None:
    case.fault(Kind.DELAY, seconds=0.1, times=0)
    rows = case.send(30)
    case.work()
    assert case.box.counters("acoustic").at_once <= 8
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F36", "redirect to another host")
def redirected(case: Case) -> None:
    case.fault(Kind.REDIRECT, times=0, location=f"{case.box.url}/elsewhere")
    (row,) = case.send()
    case.work(until_settled=False)
    connection = Connection.objects.get()
    assert connection.is_paused
    assert not case.box.requests("elsewhere")
    assert AuditEvent.objects.filter(action="redirect.refused").count() == 1
    case.box.faults.clear()
    Connection.objects.update(paused_at=None)
    case.work()
    case.expect_lost_answer_settled(row, effect=False)


@fault("F37", "answer from the wrong machine")
def portal(case: Case) -> None:
    case.fault(Kind.PORTAL)
    (row,) = case.send()
    case.work()
    case.expect_lost_answer_settled(row, effect=False)
