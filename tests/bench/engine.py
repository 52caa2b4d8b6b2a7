"""`make bench-engine`: dispatches a second through the whole engine, beside a bare loop that posts the same bodies.

The engine records, claims, marks durably, sends, seals and settles; the loop only sends. Both call the sandbox in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import tests.environment

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ |= {
    "DISK_LEAST": "0",
    "DISK_LEAST_SHARE": "0",
    "LOG_LEVEL": "WARNING",
    "DATABASE_URL": f"sqlite:///{tests.environment.SCRATCH / 'bench.sqlite3'}",
}

import django
import httpx

django.setup()

from django.core.management import call_command

from dashboard.choices import OPEN, State
from dashboard.models import Connection, Dispatch, Lane, Person
from dashboard.services import secrets
from dashboard.services.execution import transport_for
from providers.auth import MemoryTokenStore, authorization
from providers.sandbox.world import ready_made
from tests import factories
from tests.browser.running import ROOT
from tests.dashboard.engine.harness import send
from tests.ports import free_port

IN_FLIGHT = 8
LOG = tests.environment.SCRATCH / "bench.log"
LONGEST = 300.0
"""Seconds after which a run that does not end is a failure."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one provider's run came to, in dispatches a second."""

    provider: str
    rows: int
    recorded: float
    sent: float
    bare: float

    def __str__(self) -> str:
        share = 100 * self.sent / self.bare
        return (
            f"{self.provider:<9} {self.rows:>6} rows | recorded {self.recorded:,.0f}/s | "
            f"sent and settled {self.sent:,.0f}/s | bare loop {self.bare:,.0f}/s | {share:.0f} % of the bare loop"
        )


@contextmanager
def process(*words: str) -> Iterator[None]:
    """A Python process of the product for a while; what it says goes to a file."""
    with LOG.open("ab") as log:
        started = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        started.terminate()
        started.wait()


def connect(provider: str, address: str) -> Connection:
    """A connection to the sandbox without pace, so that the engine's own speed shows."""
    account = ready_made(address)[provider]
    connection = factories.connection(provider, settings=dict(account["settings"]), country=account["country"])
    for name, value in account["secrets"].items():
        secrets.put(connection=connection, name=name, value=value, by="bench")
    Lane.objects.filter(connection=connection).update(calls=0, in_flight_limit=IN_FLIGHT)
    return connection


def measure(provider: str, rows: int, address: str, person: Person) -> Measured:
    """Record so many dispatches, let a worker send them, then post the same bodies in a bare loop."""
    connection = connect(provider, address)
    began = time.perf_counter()
    send(connection, person, rows)
    recorded = time.perf_counter() - began
    began = time.perf_counter()
    with process("manage.py", "worker"):
        _until_settled(connection)
        sent = time.perf_counter() - began
    accepted = Dispatch.objects.filter(connection=connection, state=State.ACCEPTED).count()
    assert accepted == rows, f"{accepted} of {rows} accepted"
    return Measured(provider, rows, rows / recorded, rows / sent, rows / _bare(connection, rows))


def _until_settled(connection: Connection) -> None:
    until = time.monotonic() + LONGEST
    while Dispatch.objects.filter(connection=connection, state__in=OPEN).exists():
        assert time.monotonic() < until, "The worker did not finish."
        time.sleep(0.02)


def _bare(connection: Connection, rows: int) -> float:
    """Seconds that a loop over one httpx client needs to post as many calls, one dispatch each."""
    account, vendor = connection.account(), connection.vendor
    requests = [vendor.build(account, [row.command()]) for row in Dispatch.objects.filter(connection=connection)[:rows]]
    kept = secrets.read(connection=connection)
    with closing(transport_for(connection)) as transport:
        credential = authorization(vendor, account, kept, MemoryTokenStore(), transport, now=time.time())
    began = time.perf_counter()
    with httpx.Client(trust_env=False, headers={"Authorization": credential}) as client:
        for request in requests:
            client.request(request.method, request.url, content=request.body, headers=dict(request.headers))
    return time.perf_counter() - began


def main(rows: str = "1000") -> None:
    """Measure every provider and print a line for each."""
    call_command("migrate", verbosity=0)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    person = factories.person("bench", supervisor=True)
    with process("manage.py", "sandbox", "--port", str(port)):
        _wait_for(address)
        httpx.put(f"{address}/_sandbox/settings", json={"ccai": {"rate": 0, "session_guard": False}}).raise_for_status()
        for provider in ("vonage", "acoustic", "ccai"):
            sys.stdout.write(f"{measure(provider, int(rows), address, person)}\n")


def _wait_for(address: str) -> None:
    for _try in range(200):
        try:
            httpx.get(f"{address}/_sandbox/ledger")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("The sandbox did not start.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
