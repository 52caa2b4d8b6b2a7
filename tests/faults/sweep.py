"""The crash sweep: a worker is killed at the n-th time it comes by a point, n = 1, 2, 3 …, until one comes through untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from dashboard.choices import State
from dashboard.models import AccessToken, Connection, Dispatch, Invocation, Lane, Person
from dashboard.services import dispatches
from dashboard.services.failpoints import POINTS
from dashboard.services.journal import abandoned
from providers.base import BasicAuth, Repeat
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests.dashboard.engine import harness
from tests.faults import checker, tasks
from tests.faults.case import API
from tests.faults.herd import KILLED, Herd, Order

PARTS: Mapping[str, tuple[str, ...]] = {
    "submitting": ("submit.",),
    "the lane": ("worker.", "lane.", "pace."),
    "claiming": ("claim.", "plan."),
    "before the mark": ("record.", "token.", "mark."),
    "the answer": ("answer.", "journal."),
    "settling": ("settle.",),
    "recovering": ("recover.", "replay."),
}
"""The points in groups, by how their names begin."""
EARLIER: Mapping[str, str] = {
    "recover.claimed": "claim.updated:1:kill",
    "recover.sending": "mark.committed:2:kill",
    "replay.entry": "journal.written:2:kill",
}
"""Points on the way of a worker that finds what another left behind: where that other one is killed first."""
LEASE = 3.0
"""Seconds, where a lease has to be renewed."""
SLOW_ANSWERS: Mapping[str, float] = {"recover.sending": 0.4, "lane.renewed": LEASE * 0.4}
"""Points that a worker comes by while calls are under way, and the seconds after which they are answered."""
MOST_TIMES = 60
ROWS = 6
WAITS = {"LANE_CHUNK": 2, "REPEAT_WAITS": [0.05] * 5, "PROBE_QUIET": 0.05, "LANE_LINGER": 0.05, "BREAKER_PAUSE": 0.05}


def points_of(part: str) -> list[str]:
    """The points of a part, in the order in which a dispatch comes by them."""
    return [point for point in POINTS if point.startswith(PARTS[part])]


@dataclass(slots=True)
class Sweep:
    """One provider's sweep over some points, in one database and one sandbox."""

    connection: Connection
    box: Sandbox
    sam: Person
    herd: Herd
    journal: str
    plant: str = ""
    kills: int = 0
    in_doubt: set[str] = field(default_factory=set)
    """What must be in doubt: what had left and was not answered when its worker was killed, where nothing may be repeated."""

    def point(self, name: str) -> int:
        """Kill at the first time, the second …; how many times a worker came by this point."""
        for n in count(1):
            assert n <= MOST_TIMES, f"A worker never came through {name} untouched."
            if not self.once(name, n):
                return n - 1
        raise AssertionError

    def once(self, name: str, n: int) -> bool:
        """Fresh dispatches, a kill at the n-th time, another worker that finishes; whether there was a kill."""
        fail_at = f"{name}:{n}:kill"
        AccessToken.objects.all().delete()
        killed = self._submit(fail_at) if name.startswith("submit.") else self._work(name, fail_at)
        if harness.open_rows():
            assert not self._killed(Order(tasks.WORK)), "The worker that was to finish was killed."
        self._check(fail_at)
        return killed

    def _submit(self, fail_at: str) -> bool:
        """Submit, killed on the way; what a person then does: the same form again."""
        ref, number = dispatches.new_ref(), f"+1415666{self.kills:04d}" if self.connection.provider == "ccai" else ""
        words = (self.connection.pk, self.sam.pk, ref, number)
        killed = self._killed(Order(tasks.SUBMIT, words, fail_at))
        tasks.submit(*words)
        assert Dispatch.objects.filter(submission=ref).count() == 1
        return killed

    def _work(self, name: str, fail_at: str) -> bool:
        terms: dict[str, Any] = {"LANE_LEASE": LEASE} if name == "lane.renewed" else {}
        harness.send(self.connection, self.sam, ROWS)
        with self._slow(SLOW_ANSWERS.get(name, 0.0)):
            if earlier := EARLIER.get(name):
                assert self._killed(Order(tasks.WORK, fail_at=earlier)), f"Nobody came by {earlier}."
            return self._killed(Order(tasks.WORK, fail_at=fail_at, settings=terms))

    def _slow(self, seconds: float) -> _Slow:
        return _Slow(self.box, self.connection.provider, seconds)

    def _killed(self, order: Order) -> bool:
        """Run a process; whether it was killed. Notes what it leaves in doubt."""
        settings = {**WAITS, "JOURNAL": self.journal, **order.settings}
        (code,) = self.herd.run(Order(order.task, order.words, order.fail_at, self.plant, settings))
        assert code in (0, KILLED), f"{order}: {code}"
        if code == KILLED:
            self.kills += 1
            self.in_doubt |= set(self._left_without_answer())
        return code == KILLED

    def _left_without_answer(self) -> Iterator[str]:
        """The dispatches that left, with no answer in the database nor in a journal, and must not be sent again."""
        if self.connection.vendor.repeat is not Repeat.NEVER:
            return
        answered = {entry.uid for _path, read in abandoned() for entry in read()}
        for invocation in Invocation.objects.filter(marked_at__isnull=False, ended_at=None).exclude(uid__in=answered):
            yield from invocation.tries.values_list("dispatch__ref", flat=True)

    def _check(self, fail_at: str) -> None:
        """Nothing lost, doubled or unexplained; in doubt exactly what had to be."""
        finding = checker.check(self.box.ledger.effects())
        trouble = [*finding.lost, *finding.doubled, *finding.unexplained]
        assert finding.clean, f"{self.connection.provider}, {fail_at}: {finding}: {trouble}"
        doubtful = set(Dispatch.objects.filter(state=State.IN_DOUBT).values_list("ref", flat=True))
        assert doubtful == self.in_doubt, f"{self.connection.provider}, {fail_at}: {finding}, expected {len(self.in_doubt)} in doubt"
        assert finding.states[State.ACCEPTED] + len(doubtful) == finding.rows, f"{fail_at}: {finding}"


class _Slow:
    """While it lasts, the provider works at once and answers late, so that several calls are under way."""

    def __init__(self, box: Sandbox, provider: str, seconds: float) -> None:
        self._box = box
        self._fault = Fault(Kind.DELAY, vendor=provider, path=API[provider], seconds=seconds, times=0, effect=True)

    def __enter__(self) -> None:
        if self._fault.seconds:
            self._box.faults.add(self._fault)

    def __exit__(self, *_: object) -> None:
        self._box.faults.clear()


def prepare(connection: Connection, box: Sandbox) -> None:
    """Let nothing hide a doubled text, and let four calls be under way, quickly paced."""
    box.world.change("ccai", "session_guard", False)
    box.world.change("ccai", "rate", 0)
    Lane.objects.filter(connection=connection).update(in_flight_limit=4, calls=100, per_seconds=1.0)


def has_tokens(connection: Connection) -> bool:
    """Whether the provider's calls carry a token that has to be fetched."""
    return not isinstance(connection.vendor.auth, BasicAuth)
