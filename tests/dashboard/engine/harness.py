"""What engine tests share: dispatches for every provider, and workers in this process and beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection as database

from dashboard.choices import OPEN, Source
from dashboard.models import Connection, Dispatch, Person
from dashboard.services import dispatches, lanes
from dashboard.services.dispatches import Request
from dashboard.worker import WorkerProcess
from providers.types import Command, Json

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0
"""Seconds after which a wait gives up and the test fails: a limit, never a measure."""
PROVIDERS = ("vonage", "acoustic", "ccai")
numbers = count(1)
QUICK = {
    "CALL_DEADLINE": 2.5,
    "LANE_LEASE": 3.0,
    "LANE_LINGER": 0.2,
    "WORKER_PAUSE": 0.02,
    "BACK_OFF": (0.05, 0.1, 0.2),
    "REPEAT_WAITS": (0.1, 0.2, 0.2, 0.2, 0.2),
    "PROBE_QUIET": 0.2,
    "BREAKER_PAUSE": 0.3,
    "THROTTLE_PAUSE": 0.2,
    "SLOW_FOR": 0.3,
    "DISK_LEAST": 0,
    "DISK_LEAST_SHARE": 0.0,
}
"""The engine's waits, shortened."""
UNHURRIED = {**QUICK, "CALL_DEADLINE": 20.0, "LANE_LEASE": 15.0}
"""The same where no call has to be given up and no lease has to run out: a machine that stands still for seconds changes nothing."""


def values(provider: str, ref: str) -> tuple[str, dict[str, Json]]:
    """An action and its values, as the provider's form would give them."""
    if provider == "vonage":
        return "route", {"action": "dispatch", "externalid": f"ext-{ref}", "route": "CrmCallRouting"}
    if provider == "acoustic":
        return "send", {"publishedMessageId": "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77", "contactSourceId": 4396830}
    if provider == "toy":
        return "page", {"pager": "ward-3", "text": f"Call {ref}"}
    number = f"+1415555{next(numbers) % 10000:04d}"
    texts = {"chat_type": "Messaging (SMS)", "end_user_number": number, "outbound_number": "+16285550199", "message": f"Hello {ref}"}
    return "text", texts


def request(connection: Connection, ref: str, **changes: Json) -> Request:
    """One request under a reference; `changes` replace values of the body."""
    action, content = values(connection.provider, ref)
    command = Command(action, connection.vendor.suggest_key(ref), {**content, **changes})
    return Request(command, connection.vendor.action(action).summarise(command))


def send(connection: Connection, by: Person, number: int = 1, **terms: Any) -> list[Dispatch]:
    """So many dispatches, each submitted by itself."""
    terms.setdefault("source", Source.TERMINAL)
    changes = terms.pop("changes", {})
    made = []
    for _number in range(number):
        ref = dispatches.new_ref()
        made += dispatches.submit(connection=connection, requests=[request(connection, ref, **changes)], ref=ref, by=by, **terms).dispatches
    return made


def until(condition: Callable[[], object], what: str = "it") -> None:
    """Wait for a condition; fail when it does not come true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"Waited in vain for {what}."
        time.sleep(0.02)


def open_rows() -> int:
    return Dispatch.objects.filter(state__in=OPEN).count()


def work(*, until_settled: bool = True) -> WorkerProcess:
    """Let a worker in this process do what is due; with `until_settled`, until no dispatch is open."""
    worker = WorkerProcess()
    end = time.monotonic() + PATIENCE
    try:
        while True:
            worker.round()
            if not (worker.busy or lanes.with_work() or (until_settled and open_rows())):
                return worker
            assert time.monotonic() < end, f"Still open: {list(Dispatch.objects.values_list('state', 'explanation'))}"
            time.sleep(0.02)
    finally:
        worker.stop()
        worker.finish()


def states(rows: list[Dispatch]) -> list[str]:
    """The states now, in the order of the rows."""
    now = dict(Dispatch.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "state"))
    return [now[row.pk] for row in rows]


# --- workers beside this process ------------------------------------------------------------------


def database_url() -> str:
    """The test database's address, for another process."""
    used = database.settings_dict
    if database.vendor == "sqlite":
        return f"sqlite:///{used['NAME']}"
    user = f"{used['USER']}:{used['PASSWORD']}@" if used["PASSWORD"] else f"{used['USER']}@" if used["USER"] else ""
    host = used["HOST"] if not used["HOST"].startswith("/") else used["HOST"].replace("/", "%2F")
    return f"postgres://{user}{host}{':' + str(used['PORT']) if used['PORT'] else ''}/{used['NAME']}"


WORKER = ["manage.py", "worker"]
"""What Python is given to run a worker; a test of the tests puts one with a planted bug in its place."""


RIGHT = (0.0, 0.0)
"""A clock that is right and stays so."""


def environment(fail_at: str = "", **changes: object) -> dict[str, str]:
    """The environment of a worker process with the test's settings, but for what is changed."""
    shown = {name: _text(getattr(settings, name)) for name in (*QUICK, "JOURNAL", "CRASHES_ALLOWED", "WORKER_GRACE", "SETTLE_PATIENCE")}
    extra = {name: _text(value) for name, value in changes.items()}
    return {**os.environ, "DATABASE_URL": database_url(), "FAIL_AT": fail_at, **shown, **extra}


class Beside:
    """A worker process of its own, with the test's settings.

    `clock`: the seconds by which its clock is wrong, and by which `set_clock` sets it.
    """

    def __init__(self, fail_at: str = "", *, clock: tuple[float, float] = RIGHT, **changes: Any) -> None:
        # Its output goes to the test's, where pytest shows it when the test fails.
        words = WORKER if clock == RIGHT else ["-m", "tests.faults.skewed", *map(str, clock)]
        self.process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment(fail_at, **changes))

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL: nothing is given back, nothing is finished."""
        if not self.ended:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def set_clock(self) -> None:
        """Set its clock, as a person or a time server would."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
