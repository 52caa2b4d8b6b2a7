"""A worker that sends while its database crashes and comes back, and what the ledger says in the end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import connection as database

from dashboard.models import Lane, Worker
from dashboard.services.execution import DATABASE_TROUBLE
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine import harness
from tests.faults import checker
from tests.faults.sweep import prepare

READY = "ready"
"""What is said when the worker is at work."""
ROWS = 100
"""Dispatches for each provider."""
WAITS = {"LANE_CHUNK": 5}
LONGEST = 300.0
"""Seconds in which everything has to come to rest."""


def run(folder: Path) -> int:
    """Let a worker send everything, whatever happens to the database; 0 when it survived and nothing is amiss."""
    for name, value in {**harness.UNHURRIED, **WAITS, "JOURNAL": folder / "journal"}.items():
        setattr(settings, name, value)
    with Sandbox() as box:
        _fill(box)
        with harness.Beside(LOG_LEVEL="CRITICAL", LANE_CHUNK=WAITS["LANE_CHUNK"]) as worker:
            harness.until(Worker.objects.exists, "the worker")
            _say(READY)
            _come_to_rest(worker)
            survived = not worker.ended and worker.stop() == 0
        finding = checker.assert_clean(box.ledger.effects())
    _say(f"{finding} | worker {'survived' if survived else 'ended'}")
    return 0 if survived else 1


def _fill(box: Sandbox) -> None:
    sam = factories.person("sam", supervisor=True)
    for provider in harness.PROVIDERS:
        connection = factories.sandbox_connection(box, provider)
        prepare(connection, box)
        Lane.objects.filter(connection=connection).update(calls=12, per_seconds=1.0)
        harness.send(connection, sam, ROWS)


def _come_to_rest(worker: harness.Beside) -> None:
    until = time.monotonic() + LONGEST
    while _any_open() and not worker.ended and time.monotonic() < until:
        time.sleep(0.1)


def _any_open() -> bool:
    """Whether a dispatch is open; as long as the database cannot be asked, one may be."""
    try:
        return harness.open_rows() > 0
    except DATABASE_TROUBLE:
        database.close()
        return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
