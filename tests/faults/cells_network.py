"""Faults F20 to F37: the way to the provider, and answers that prove little or nothing."""

from __future__ import annotations

from typing import Any

from dashboard.choices import Breaker, State
from dashboard.models import AuditEvent, Connection, Dispatch, Invocation, Lane
from providers.sandbox.faults import Kind
from tests.faults.case import A, C, Case, V, fault
from tests.faults.tls import silent, untrusted


def moved(case: Case, address: str) -> dict[str, str]:
    """Point the connection's API elsewhere, its tokens not; returns the settings as they were."""
    right = dict(case.connection.settings)
    names = {"vonage": ("api_url",), "acoustic": ("base_url",), "ccai": ("base_url",)}[case.provider]
    changed = right | {name: address for name in names}
    Connection.objects.update(settings=changed)
    case.connection.settings = changed
    return right


def back(case: Case, right: dict[str, str]) -> None:
    Connection.objects.update(settings=right)


def keep_token(case: Case) -> None:
    """Have a token at hand, so that the fault strikes the call and not the request for a token."""
    case.send()
    case.work()


def drained(case: Case, right: dict[str, str], already: int) -> None:
    """Once the way is free again, what waited goes through, once."""
    back(case, right)
    case.work()
    assert set(Dispatch.objects.values_list("state", flat=True)) == {State.ACCEPTED}
    assert case.effects() == Dispatch.objects.count() == already + 1


@fault("F20", "connection refused")
def refused(case: Case) -> None:
    right = moved(case, "http://127.0.0.1:9")
    (row,) = case.send()
    case.work(until_settled=False)
    case.expect_not_sent_yet(row)
    drained(case, right, 0)


@fault("F20", "unknown host name")
def unknown_host(case: Case) -> None:
    case.settings.OUTBOUND_HOSTS = ("*.invalid",)
    right = moved(case, "https://api.dispatch-desk.invalid")
    (row,) = case.send()
    case.work(until_settled=False)
    case.expect_not_sent_yet(row)
    drained(case, right, 0)


@fault("F20", "breaker opens while the host is away")
def breaker_opens(case: Case) -> None:
    case.settings.BREAKER_PAUSE = 60.0
    right = moved(case, "http://127.0.0.1:9")
    rows = case.send(2)
    for _number in range(12):
        case.work(until_settled=False)
        Dispatch.objects.filter(state=State.WAITING).update(state=State.QUEUED)
    lane = Lane.objects.get()
    assert (lane.breaker, bool(lane.last_error)) == (Breaker.OPEN, True)
    assert not any(row.unanswered for row in Dispatch.objects.all())
    Lane.objects.update(probe_at=0)
    back(case, right)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F21", "TLS handshake timeout")
def handshake_timeout(case: Case) -> None:
    keep_token(case)
    with silent() as port:
        right = moved(case, f"https://127.0.0.1:{port}")
        (row,) = case.send()
        case.work(until_settled=False)
        row.refresh_from_db()
        assert row.state in (State.WAITING, State.QUEUED)
        assert row.unanswered is False
    drained(case, right, 1)


@fault("F22", "TLS certificate that nobody trusts")
def bad_certificate(case: Case) -> None:
    keep_token(case)
    case.settings.BREAKER_PAUSE = 60.0
    with untrusted(case.folder) as (port, received):
        right = moved(case, f"https://127.0.0.1:{port}")
        (row,) = case.send()
        case.work(until_settled=False)
        assert received == []
    row.refresh_from_db()
    assert row.state in (State.WAITING, State.QUEUED)
    assert row.unanswered is False
    assert Lane.objects.get().breaker == Breaker.OPEN
    assert Invocation.objects.filter(failure="tls").count() == 1
    Lane.objects.update(probe_at=0)
    drained(case, right, 1)


def lost_by(case: Case, kind: Kind, *, effect: bool, **terms: Any) -> None:
    case.fault(kind, effect=effect, **terms)
    (row,) = case.send()
    case.work()
    case.expect_lost_answer_settled(row, effect=effect)


@fault("F23", "reset while the body is sent")
def reset_in_body(case: Case) -> None:
    lost_by(case, Kind.RESET_IN_BODY, effect=False)


@fault("F24", "read timeout, nothing was done")
def timeout(case: Case) -> None:
    lost_by(case, Kind.HANG, effect=False)


@fault("F24", "read timeout, it was done")
def timeout_with_effect(case: Case) -> None:
    lost_by(case, Kind.HANG, effect=True)


@fault("F25", "answer head drips")
def head_drips(case: Case) -> None:
    lost_by(case, Kind.DRIP_HEADERS, effect=True, seconds=0.3)


@fault("F25", "answer body drips")
def body_drips(case: Case) -> None:
    case.fault(Kind.DRIP_BODY, seconds=2.0)
    (row,) = case.send()
    case.work()
    row.refresh_from_db()
    if case.provider == A:
        assert row.state == State.ACCEPTED  # 201 is acceptance, whatever becomes of its body
        assert Invocation.objects.count() == 1
    else:
        case.expect_lost_answer_settled(row, effect=True)


@fault("F26", "closed without an answer")
def closed(case: Case) -> None:
    lost_by(case, Kind.CLOSE, effect=True)


@fault("F26", "reset without an answer")
def reset(case: Case) -> None:
    lost_by(case, Kind.RESET, effect=True)


@fault("F26", "closed before it was read")
def unread(case: Case) -> None:
    lost_by(case, Kind.UNREAD, effect=False)


@fault("F26", "stale connection that was kept alive")
def stale(case: Case) -> None:
    case.fault(Kind.STALE)
    Lane.objects.update(in_flight_limit=1, calls=0)
    case.settings.LANE_CHUNK = 1
    rows = case.send(3)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.effects() == 3
    if case.provider == C:
        assert not Dispatch.objects.filter(unanswered=True).exists()


@fault("F26", "garbage instead of HTTP")
def garbage(case: Case) -> None:
    lost_by(case, Kind.GARBAGE, effect=True)


@fault("F27", "body shorter than announced")
def cut(case: Case) -> None:
    spoilt(case, Kind.CUT_BODY, size=1)


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
    "a key twice": b'{"id": 1, "id": 2}',
    "a byte order mark": b'\xef\xbb\xbf{"id": 1}',
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
    assert set(case.states(rows)) == {expected}
    assert case.effects() == (len(rows) if case.repeats else 0)


@fault("F29", "ids in the answer that are not ours", (V,))
def foreign_ids(case: Case) -> None:
    case.fault(Kind.ANSWER, effect=True, status=200, body=b'["somebody-else"]', headers=(("Content-Type", "application/json"),))
    rows = case.send(3)
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert len({invocation.digest for invocation in Invocation.objects.all()}) == 1
    assert case.effects() == 3


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
    case.settings.BREAKER_PAUSE = 0.5
    case.fault(Kind.ANSWER, status=503, times=4)
    rows = case.send(20)
    case.work()
    lane, limit = Lane.objects.get(), case.connection.vendor.limits.breaker
    doubtful = case.states(rows).count(State.IN_DOUBT)
    assert doubtful <= (0 if case.repeats else lane.in_flight_limit + limit)
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
