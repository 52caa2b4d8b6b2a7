"""Faults F20 to F26: the way to the provider, and answers that never come."""

from __future__ import annotations

from typing import Any

from dashboard.choices import Breaker, State
from dashboard.models import AuditEvent, Connection, Dispatch, Invocation, Lane
from providers import http
from providers.sandbox.faults import Kind
from tests.faults.case import A, C, Case, fault
from tests.faults.tls import silent, untrusted

SHORT = 2.5
"""Seconds that a call has that cannot come about."""


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
    case.settings.OUTBOUND_HOSTS, patience = ("*.invalid",), case.settings.CALL_DEADLINE
    right = moved(case, "https://api.dispatch-desk.invalid")
    (row,) = case.send()
    case.settings.CALL_DEADLINE = SHORT
    case.work(until_settled=False)
    case.settings.CALL_DEADLINE = patience
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
        patience, case.settings.CALL_DEADLINE = case.settings.CALL_DEADLINE, SHORT
        case.work(until_settled=False)
        case.settings.CALL_DEADLINE = patience
        row.refresh_from_db()
        assert row.state in (State.WAITING, State.QUEUED)
        assert row.unanswered is False
    drained(case, right, 1)


@fault("F22", "TLS certificate that nobody trusts")
def bad_certificate(case: Case) -> None:
    case.settings.BREAKER_PAUSE = 60.0
    keep_token(case)
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
    assert AuditEvent.objects.filter(action="tls.refused").count() == 1
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
    case.run_out_of_time()
    lost_by(case, Kind.HANG, effect=False)


@fault("F24", "read timeout, it was done")
def timeout_with_effect(case: Case) -> None:
    case.run_out_of_time()
    lost_by(case, Kind.HANG, effect=True)


@fault("F25", "answer head drips")
def head_drips(case: Case) -> None:
    case.run_out_of_time(heard=True)
    lost_by(case, Kind.DRIP_HEADERS, effect=True, seconds=0.3)


@fault("F25", "answer body drips")
def body_drips(case: Case) -> None:
    case.run_out_of_time(heard=True)
    case.fault(Kind.DRIP_BODY, seconds=4.0)
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
    case.patch.setattr(http, "KEEP_ALIVE", 600.0)
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
