"""The weather of a chaos run: what goes wrong when, all of it from one seed, and the hand that lets it happen."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, repeat, takewhile
from typing import Any, Self

from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests.dashboard.engine.harness import Beside
from tests.dashboard.engine.pausing import pause
from tests.faults.case import ALL, API, TOKENS

LOSING = (Kind.CLOSE, Kind.RESET, Kind.HANG, Kind.DRIP_HEADERS, Kind.CUT_BODY, Kind.MALFORMED, Kind.PORTAL, Kind.GARBAGE)
"""Toxics after which nobody can know from the answer whether the provider acted."""
TOXICS = (*LOSING, Kind.ANSWER, Kind.ANSWER, Kind.DELAY, Kind.DELAY, Kind.STALE)
STATUSES = (429, 500, 502, 503)
KILL_EVERY, PAUSE_EVERY, TOXIC_EVERY = (1.5, 4.5), (10.0, 25.0), (0.2, 0.8)
PAUSES = (1.0, 8.0)
SKEW = 30.0
"""Seconds by which a worker's clock is wrong at most: more than a lease lasts, less than what may be waited for."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happens so many seconds after the beginning: a kill, a pause of a worker, or a toxic."""

    at: float
    worker: int = -1
    lasting: float = 0.0
    toxic: Fault | None = field(default=None, compare=False)


def forecast(seed: int, seconds: float, workers: int) -> list[Event]:
    """All events of a storm; the same for the same seed."""
    chance = random.Random(seed)
    kills = [Event(at, chance.randrange(workers)) for at in _moments(chance, KILL_EVERY, seconds)]
    pauses = [Event(at, chance.randrange(workers), chance.uniform(*PAUSES)) for at in _moments(chance, PAUSE_EVERY, seconds)]
    toxics = [Event(at, toxic=_toxic(chance)) for at in _moments(chance, TOXIC_EVERY, seconds)]
    return sorted([*kills, *pauses, *toxics])


def clocks(seed: int, workers: int) -> list[float]:
    """By how many seconds each worker's clock is wrong; the same for the same seed."""
    chance = random.Random(seed)
    return [chance.uniform(-SKEW, SKEW) for _worker in range(workers)]


def _moments(chance: random.Random, every: tuple[float, float], seconds: float) -> Iterator[float]:
    gaps = (chance.uniform(*each) for each in repeat(every))
    return takewhile(lambda at: at < seconds, accumulate(gaps))


def _toxic(chance: random.Random) -> Fault:
    vendor, kind, effect = chance.choice(ALL), chance.choice(TOXICS), chance.random() < 0.5
    path = TOKENS[vendor] if vendor in TOKENS and chance.random() < 0.1 else API[vendor]
    make = partial(Fault, kind, vendor=vendor, path=path, first=chance.randint(1, 5), times=chance.randint(1, 3))
    match kind:
        case Kind.ANSWER:
            status = chance.choice(STATUSES)
            return make(status=status, effect=effect and status != 429, body=b"trouble")
        case Kind.DELAY:
            return make(seconds=chance.uniform(0.1, 1.0), effect=effect)
        case Kind.DRIP_HEADERS:
            return make(seconds=0.5, effect=effect)
        case Kind.CUT_BODY:
            return make(size=1)
        case Kind.STALE:
            return make()
    return make(effect=effect)


@dataclass(slots=True)
class Crew:
    """The worker processes, and what was done to them; leaving the block ends them all."""

    clocks: list[float]
    """By how many seconds the clock of each is wrong."""
    settings: dict[str, Any]
    workers: list[Beside] = field(default_factory=list)
    killed: set[int] = field(default_factory=set)
    paused: dict[int, float] = field(default_factory=dict)
    """When a paused worker goes on, by its process."""
    harmed: set[int] = field(default_factory=set)
    """Processes that were killed or paused."""
    pauses: int = 0
    strays: int = 0
    """Workers that ended by themselves: none should."""

    def __enter__(self) -> Self:
        self.workers += [self._another(number) for number in range(len(self.clocks))]
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()

    def _another(self, number: int) -> Beside:
        return Beside(clock=(self.clocks[number], 0.0), LOG_LEVEL="CRITICAL", **self.settings)

    def kill(self, number: int) -> None:
        """SIGKILL, and a new worker in its place."""
        worker = self.workers[number]
        if not worker.ended:
            worker.kill()
            self.killed.add(worker.process.pid)
            self.harmed.add(worker.process.pid)
            self.paused.pop(worker.process.pid, None)
            self.workers[number] = self._another(number)

    def pause(self, number: int, seconds: float) -> None:
        """SIGSTOP; `look_after` lets it go on."""
        worker = self.workers[number]
        if not worker.ended and worker.process.pid not in self.paused:
            self.harmed.add(worker.process.pid)
            pause(worker)
            self.pauses += 1
            self.paused[worker.process.pid] = time.monotonic() + seconds

    def look_after(self, *, wake_all: bool = False) -> None:
        """Let those go on whose pause is over, and replace who ended by itself."""
        for process, until in list(self.paused.items()):
            if wake_all or time.monotonic() >= until:
                os.kill(process, signal.SIGCONT)
                del self.paused[process]
        for number, worker in enumerate(self.workers):
            if worker.ended:
                self.strays += 1
                self.workers[number] = self._another(number)

    def dismiss(self) -> None:
        """SIGTERM to all."""
        for worker in self.workers:
            worker.stop()


def rage(events: list[Event], box: Sandbox, crew: Crew) -> None:
    """Let everything happen at its time; then the weather is fine again."""
    began = time.monotonic()
    for event in events:
        while (wait := began + event.at - time.monotonic()) > 0:
            crew.look_after()
            time.sleep(min(wait, 0.1))
        if event.toxic:
            box.faults.add(event.toxic)
        elif event.lasting:
            crew.pause(event.worker, event.lasting)
        else:
            crew.kill(event.worker)
    box.faults.clear()
    crew.look_after(wake_all=True)
