"""A chaos run on a database that is ready: rows come in, workers work, the storm rages, and then the ledger is read."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import connections as databases

from dashboard.models import Connection, Lane
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine import harness
from tests.faults import tasks
from tests.faults.herd import Herd, Order
from tests.faults.storm import Crew, clocks, forecast, rage
from tests.faults.sweep import prepare
from tests.faults.verdict import Verdict, judge

FEEDING = 0.8
"""The share of the storm in which the rows come in."""
LONGEST_REST = 1800.0
"""Seconds after the storm in which everything has to come to rest."""
WAITS = {"CALL_DEADLINE": 10.0, "LANE_LEASE": 6.0, "REPEAT_WAITS": (0.2,) * 30, "PROBE_QUIET": 0.3, "CRASHES_ALLOWED": 1000}
"""Beyond the engine tests' own: no dispatch is to blame for the kills here, and none may run out of tries."""
WORKERS_OWN: dict[str, Any] = {"PROBE_TRIES": 30, "BREAKER_LONGEST": 3.0}


def run(*, seed: int, rows: int, workers: int, minutes: float, folder: Path) -> int:
    """Run, and say what came of it; the exit status."""
    _say(f"SEED={seed} ROWS={rows} WORKERS={workers} MINUTES={minutes:g} on {database.vendor}")
    for name, value in {**harness.QUICK, **WAITS, "JOURNAL": folder / "journal"}.items():
        setattr(settings, name, value)
    began = time.monotonic()
    with Sandbox(remember=10_000_000) as box:
        verdict = _through(box, seed, rows, workers, minutes * 60)
    _say(f"clocks of the workers wrong by {', '.join(f'{clock:+.0f} s' for clock in clocks(seed, workers))}")
    _tell(verdict, time.monotonic() - began)
    return 1 if verdict.trouble else 0


def _through(box: Sandbox, seed: int, rows: int, workers: int, seconds: float) -> Verdict:
    """From the first row to the verdict."""
    connections = [_connection(box, provider) for provider in harness.PROVIDERS]
    feeder = threading.Thread(target=_feed, args=(connections, rows, seconds * FEEDING), daemon=True)
    with Crew(clocks(seed, workers), WORKERS_OWN) as crew:
        feeder.start()
        rage(forecast(seed, seconds, workers), box, crew)
        feeder.join()
        _come_to_rest(crew)
        crew.dismiss()
        return judge(box, crew)


def _connection(box: Sandbox, provider: str) -> Connection:
    connection = factories.sandbox_connection(box, provider)
    prepare(connection, box)
    Lane.objects.filter(connection=connection).update(calls=0, in_flight_limit=8)
    return connection


def _feed(connections: list[Connection], rows: int, seconds: float) -> None:
    """Submit the rows, evenly over the time and the connections, from a process for each."""
    sam = factories.person("sam", supervisor=True)
    shares = [len(range(number, rows, len(connections))) for number in range(len(connections))]
    with Herd() as herd:
        orders = [Order(tasks.FEED, (each.pk, sam.pk, share, seconds)) for each, share in zip(connections, shares, strict=True)]
        assert herd.run(*orders) == [0] * len(connections)
    databases.close_all()


def _come_to_rest(crew: Crew) -> None:
    """Wait until nothing is open, in fine weather."""
    end = time.monotonic() + LONGEST_REST
    while harness.open_rows() and time.monotonic() < end:
        crew.look_after()
        time.sleep(0.2)


def _tell(verdict: Verdict, seconds: float) -> None:
    """The report, its line last."""
    states = ", ".join(f"{state} {count}" for state, count in sorted(verdict.finding.states.items()))
    toxics = ", ".join(f"{kind} {count}" for kind, count in sorted(verdict.faults.items()))
    _say(
        f"states: {states}",
        f"toxics that struck: {toxics}; pauses {verdict.pauses}",
        f"seconds {seconds:.0f} | rows a second {verdict.finding.rows / seconds:.0f}",
        *[f"TROUBLE: {line}" for line in verdict.trouble[:50]],
        str(verdict),
    )


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
