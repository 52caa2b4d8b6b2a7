"""Checks that stand in no table: small worlds in which one rule shows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Lane, Person
from providers.sandbox.faults import Kind
from tests import factories
from tests.faults import tasks
from tests.faults.case import API, Case
from tests.faults.herd import Herd, Order
from tests.faults.sweep import Sweep, prepare


def refused_for_good(case: Case) -> None:
    """A provider that refuses every token: one replay, then the connection pauses."""
    case.fault(Kind.ANSWER, status=401, times=0)
    rows = case.send()
    case.work(until_settled=False)
    assert Connection.objects.get().is_paused
    assert len(case.box.requests(case.provider, API[case.provider])) <= 2
    assert case.states(rows) == [State.QUEUED]
    Dispatch.objects.update(state=State.CANCELLED)


def the_same_bytes_again(case: Case) -> None:
    """A repeat carries what left before, byte for byte, whatever else waits by then."""
    case.settings.REPEAT_WAITS = (60.0,)
    case.fault(Kind.CLOSE, effect=True)
    first = case.send(2)
    case.work(until_settled=False)
    case.send()
    Dispatch.objects.filter(state=State.WAITING).update(due_at=timezone.now())
    case.work()
    bodies = [record.call.body for record in case.box.requests(case.provider, API[case.provider])]
    assert len({body for body in bodies if first[0].key.encode() in body}) == 1
    assert case.effects() == 3


def held_until_due(case: Case) -> None:
    """A dispatch that is held for an hour is not sent with the others."""
    (held,) = case.send(1, due_at=timezone.now() + timedelta(hours=1), scheduled=True)
    (due,) = case.send()
    case.work(until_settled=False)
    assert case.states([held, due]) == [State.HELD, State.ACCEPTED]
    Dispatch.objects.filter(pk=held.pk).update(state=State.CANCELLED)


def few_in_flight(case: Case) -> None:
    """No more calls are under way than the lane allows, as the provider counts them."""
    Lane.objects.update(in_flight_limit=2, calls=0)
    case.fault(Kind.DELAY, seconds=0.5, times=0)
    case.send(8)
    case.work()
    assert case.box.counters(case.provider).at_once == 2


def evenly_paced(case: Case) -> None:
    """No more calls begin in a second than the lane allows, as the provider counts them."""
    Lane.objects.update(in_flight_limit=1, calls=1, per_seconds=2.0)
    case.send(5)
    case.work()
    # One may have been late, and the next comes at once: no third.
    assert case.box.counters(case.provider).in_one_second <= 2


# --- races ------------------------------------------------------------------------------------------


def fill(connection: Connection, by: Person, number: int) -> None:
    """So many queued rows, which are to be claimed and never sent."""
    now = timezone.now()
    rows = (
        Dispatch(
            ref=f"r{position:09}",
            submission=f"r{position:09}",
            key=f"key-{position}",
            connection=connection,
            provider=connection.provider,
            action="text",
            command_sealed=b"",
            target="",
            sentence="",
            created_at=now,
            created_by=by,
            due_at=now,
            give_up_at=now + timedelta(days=1),
        )
        for position in range(number)
    )
    Dispatch.objects.bulk_create(rows, batch_size=2_000)


def race_for_rows(folder: Path, racers: int, rows: int, *, most: int, fail_at: str = "", plant: str = "") -> None:
    """Processes that all claim from one lane, none of which heeds who holds its lease: each row goes to one of them."""
    lane = Lane.objects.get()
    fill(lane.connection, factories.person("racer", supervisor=True), rows)
    reports = [folder / f"racer-{epoch}" for epoch in range(1, racers + 1)]
    with Herd() as herd:
        orders = [Order(tasks.CLAIM, (lane.pk, epoch, most, str(report)), fail_at, plant) for epoch, report in enumerate(reports, start=1)]
        assert herd.run(*orders) == [0] * racers
    had = Counter(pk for report in reports for pk in report.read_text(encoding="ascii").split())
    assert [pk for pk, times in had.items() if times > 1] == []
    assert len(had) == rows
    assert sum(bool(report.read_text(encoding="ascii")) for report in reports) > 1, "Nobody raced."
    Dispatch.objects.all().delete()


def race_for_leases(folder: Path, racers: int, rounds: int, *, plant: str = "") -> int:
    """Processes that all take leases that run out at once: no epoch of a lane goes to two; how many were had."""
    reports = [folder / f"taker-{number}" for number in range(racers)]
    with Herd() as herd:
        orders = [Order(tasks.TAKE, (f"taker {number}", rounds, str(report)), plant=plant) for number, report in enumerate(reports)]
        assert herd.run(*orders) == [0] * racers
    had = Counter(lease for report in reports for lease in report.read_text(encoding="ascii").split())
    assert [lease for lease, times in had.items() if times > 1] == []
    return len(had)


def swept(case: Case, point: str, plant: str) -> None:
    """One kill at a point, as the sweep does it."""
    with Herd() as herd:
        prepare(case.connection, case.box)
        assert Sweep(case.connection, case.box, case.sam, herd, str(case.folder / "journal"), plant).once(point, 1)
