"""The table of faults: what each cell is, and what its test is given."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.choices import State
from dashboard.models import AccessToken, Connection, Dispatch, Invocation, Person
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from providers.sandbox.wire import Wire
from providers.wire import Stream, steady
from tests.dashboard.engine import harness

API = {"vonage": "/interactions/*", "acoustic": "/rest/*/sendjobs", "ccai": "/apps/*"}
TOKENS = {"vonage": "/Auth/*", "acoustic": "/oauth/*"}
V, A, C = "vonage", "acoustic", "ccai"
ALL = (V, A, C)
DESK = ("desk",)
"""For faults that concern no provider."""
LEFT = 0.3
"""Seconds that a call is left once its time is to run out."""


@dataclass(slots=True)
class Case:
    """One cell's world."""

    provider: str
    connection: Connection
    box: Sandbox
    sam: Person
    settings: Any
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def has_token(self) -> bool:
        """Whether an access token is at hand, or none is needed: nothing but the mark stands between a record and its call."""
        return self.provider == C or AccessToken.objects.filter(sealed__isnull=False).exists()

    @property
    def repeats(self) -> bool:
        """Whether the provider lets the machine find out what a lost answer said."""
        return self.provider != C

    def fault(self, kind: Kind, *, tokens: bool = False, **terms: Any) -> None:
        """Switch a fault on for the connection's next calls."""
        path = TOKENS[self.provider] if tokens else API[self.provider]
        self.box.faults.add(Fault(kind, vendor=self.provider, path=path, **terms))

    def held_back(self) -> threading.Event:
        """Let the provider do its work and answer only when this is set."""
        over = threading.Event()
        self.patch.setattr(Wire, "pause", lambda wire, seconds: over.wait(harness.PATIENCE))
        self.fault(Kind.DELAY, times=0, effect=True)
        return over

    def run_out_of_time(self, *, heard: bool = False, tokens: bool = False) -> None:
        """Let the time of the next call, or request for a token, be over while it waits for its answer; `heard`: for the rest of it."""
        read, struck = Stream.read, list[object]()

        def wait(stream: Stream, max_bytes: int, timeout: float | None = None) -> bytes:
            exchange = stream._wire.exchange
            if not struck and exchange.heard == heard and (exchange.mark is None) == tokens:
                struck.append(exchange)
                exchange.started = steady() - exchange.allowed + LEFT
            return read(stream, max_bytes, timeout)

        self.patch.setattr(Stream, "read", wait)

    def send(self, number: int = 1, **terms: Any) -> list[Dispatch]:
        return harness.send(self.connection, self.sam, number, **terms)

    def work(self, *, until_settled: bool = True) -> None:
        harness.work(until_settled=until_settled)

    def states(self, rows: list[Dispatch]) -> list[str]:
        return harness.states(rows)

    def effects(self) -> int:
        return len(self.box.ledger.effects(self.provider))

    def killed(self, fail_at: str, **changes: Any) -> None:
        """A worker process of its own that is killed, and then is gone."""
        with harness.Beside(fail_at=fail_at, **changes) as worker:
            harness.until(lambda: worker.ended, f"the end at {fail_at}")

    def expect_not_sent_yet(self, row: Dispatch) -> None:
        """Nothing left, nothing is doubtful, and it is still to be sent."""
        row.refresh_from_db()
        assert row.state in (State.WAITING, State.QUEUED), row.explanation
        assert row.unanswered is False
        assert not Invocation.objects.filter(marked_at__isnull=False).exists()
        assert self.effects() == 0

    def expect_lost_answer_settled(self, row: Dispatch, *, effect: bool) -> None:
        """V and A find out by themselves; C stays in doubt and is never repeated."""
        row.refresh_from_db()
        assert row.unanswered is True
        if self.repeats:
            assert (row.state, self.effects()) == (State.ACCEPTED, 1), row.explanation
        else:
            assert (row.state, self.effects()) == (State.IN_DOUBT, int(effect)), row.explanation
            assert Invocation.objects.count() == 1


Run = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault on one provider; `later` says what it waits for."""

    fault: str
    title: str
    provider: str
    run: Run | None = None
    later: str = ""

    @property
    def name(self) -> str:
        return f"{self.fault}-{self.title.replace(' ', '_')}-{self.provider}"


TABLE: list[Cell] = []


def fault(number: str, title: str, providers: tuple[str, ...] = ALL) -> Callable[[Run], Run]:
    """Put a test into the table, once for each provider."""

    def enter(run: Run) -> Run:
        TABLE.extend(Cell(number, title, provider, run) for provider in providers)
        return run

    return enter


def later(number: str, title: str, why: str, providers: tuple[str, ...] = ALL) -> None:
    """Put cells into the table that need something that is not built yet."""
    TABLE.extend(Cell(number, title, provider, None, why) for provider in providers)
