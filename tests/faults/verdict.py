"""What a chaos run proved: the ledger against the database, and each doubt against its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.choices import OPEN, AttemptState, State
from dashboard.models import Attempt, Dispatch
from providers.base import Repeat
from providers.registry import PROVIDERS
from providers.sandbox.faults import Kind
from providers.sandbox.ledger import Recorded
from providers.sandbox.server import Sandbox
from tests.faults import checker
from tests.faults.case import API
from tests.faults.storm import LOSING, Crew

NEVER_REPEATED = [key for key, provider in PROVIDERS.items() if provider.repeat is Repeat.NEVER]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of a run."""

    finding: checker.Finding
    faults: Counter[str]
    kills: int
    pauses: int
    strays: int
    doubtful: frozenset[str]
    expected: frozenset[str]

    @property
    def trouble(self) -> list[str]:
        """What went wrong, row by row."""
        found = self.finding
        still_open = [f"{state}: {count} open" for state, count in found.states.items() if state in OPEN]
        wrong = [f"{ref}: doubt not as expected: {_history(ref)}" for ref in sorted(self.doubtful ^ self.expected)]
        return [*found.lost, *found.doubled, *found.unexplained, *still_open, *wrong, *["a worker ended by itself"] * self.strays]

    def __str__(self) -> str:
        done = self.faults.total() + self.kills + self.pauses
        survived = max(0, done - len(self.trouble))
        found, doubts = self.finding, f"in doubt {len(self.doubtful)} (expected {len(self.expected)})"
        counts = f"lost {len(found.lost)} | doubled {len(found.doubled)}"
        return f"rows {found.rows} | faults survived {survived}/{done} | kills {self.kills} | {counts} | {doubts}"


def _history(ref: str) -> list[tuple[object, ...]]:
    fields = ("state", "outcome_code", "invocation__worker", "invocation__marked_at", "invocation__answered_at", "invocation__failure")
    return list(Attempt.objects.filter(dispatch__ref=ref).order_by("number").values_list(*fields))


def judge(box: Sandbox, crew: Crew) -> Verdict:
    """The verdict on a run that has come to rest."""
    records = box.requests()
    doubtful = Dispatch.objects.filter(state=State.IN_DOUBT).values_list("ref", flat=True)
    return Verdict(
        finding=checker.check(box.ledger.effects()),
        faults=Counter(record.fault for record in records if record.fault),
        kills=len(crew.killed),
        pauses=crew.pauses,
        strays=crew.strays,
        doubtful=frozenset(doubtful),
        expected=frozenset([*_lost_on_the_way(records), *_cut_off(crew.harmed)]),
    )


def _lost_on_the_way(records: Iterable[Recorded]) -> Iterable[str]:
    """Texts whose answer a toxic took away or made worthless, as the provider's side recorded it."""
    for record in records:
        spoilt = record.fault in LOSING or (record.fault == Kind.ANSWER and record.status >= 500)
        if spoilt and record.vendor in NEVER_REPEATED and record.call.path.startswith(API[record.vendor].rstrip("*")):
            yield str(record.call.json()["message"]).rpartition(" ")[2]


def _cut_off(harmed: set[int]) -> Iterable[str]:
    """Texts that may have left, and were not answered, when their worker was killed or put to sleep.

    One that slept right after the mark until its time was over sent nothing, and says so.
    """
    left = Attempt.objects.filter(invocation__marked_at__isnull=False, invocation__answered_at=None).exclude(state=AttemptState.NOT_SENT)
    for ref, worker in left.filter(dispatch__provider__in=NEVER_REPEATED).values_list("dispatch__ref", "invocation__worker"):
        if int(worker.split("/")[2].partition(".")[0]) in harmed:
            yield ref
