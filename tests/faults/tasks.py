"""What the processes of a herd do: work, submit, claim."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connections as databases
from django.db import transaction

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Lane, Person
from dashboard.services import claims, dispatches, lanes
from dashboard.services.lanes import Lease
from dashboard.worker import WorkerProcess
from tests.dashboard.engine import harness

WORK = "tests.faults.tasks:work"
SUBMIT = "tests.faults.tasks:submit"
CLAIM = "tests.faults.tasks:claim"
FEED = "tests.faults.tasks:feed"
TAKE = "tests.faults.tasks:take"
TOGETHER = 10
"""Rows that are submitted in one transaction."""


def work() -> None:
    """A worker as `manage.py worker` runs it, until no dispatch is open."""
    worker = WorkerProcess()
    threading.Thread(target=_stop_when_settled, args=(worker,), daemon=True).start()
    worker.run()
    assert not harness.open_rows(), "Rows stayed open."


def _stop_when_settled(worker: WorkerProcess) -> None:
    end = time.monotonic() + harness.PATIENCE
    while harness.open_rows() and time.monotonic() < end:
        time.sleep(0.02)
    databases.close_all()
    worker.stop()


def submit(connection_id: int, person_id: int, ref: str, number: str) -> None:
    """Submit one dispatch as the composer does."""
    connection = Connection.objects.get(pk=connection_id)
    changes = {"end_user_number": number} if number else {}
    asked = harness.request(connection, ref, **changes)
    dispatches.submit(connection=connection, requests=[asked], ref=ref, by=Person.objects.get(pk=person_id), source="terminal")


def feed(connection_id: int, person_id: int, rows: int, seconds: float) -> None:
    """Submit rows, evenly over so many seconds."""
    connection, person = Connection.objects.get(pk=connection_id), Person.objects.get(pk=person_id)
    began = time.monotonic()
    for number in range(0, rows, TOGETHER):
        time.sleep(max(0.0, began + number * seconds / rows - time.monotonic()))
        with transaction.atomic():
            harness.send(connection, person, min(TOGETHER, rows - number))


def claim(lane_id: int, epoch: int, most: int, report: str) -> None:
    """Claim rows of a lane, under a lease that was never asked for, until none is queued; report what was had."""
    lane = Lane.objects.get(pk=lane_id)
    lease = Lease(lane.pk, lane.connection_id, f"racer {epoch}", epoch)
    settings.LANE_CHUNK, settings.LANE_LEASE = most, harness.PATIENCE * 10
    had: list[int] = []
    while Dispatch.objects.filter(connection=lane.connection_id, state=State.QUEUED).exists():
        had += [row.pk for row in claims.claim(lease, most)]
        # Racers that all start at the head of the queue would win nothing but the same race over and over.
        time.sleep(random.uniform(0, 0.01))
    Path(report).write_text("\n".join(map(str, had)), encoding="ascii")


def take(name: str, rounds: int, report: str) -> None:
    """Take leases that run out at once, again and again; report the lane and epoch of each."""
    settings.LANE_LEASE = 0.0
    had: list[str] = []
    for _round in range(rounds):
        for lane in Lane.objects.all():
            if lease := lanes.take(lane, name):
                had.append(f"{lease.lane_id}:{lease.epoch}")
    Path(report).write_text("\n".join(had), encoding="ascii")
