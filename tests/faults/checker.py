"""Holds what reached people, as the sandbox's ledger says, against what the desk says of each dispatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dashboard.choices import OPEN, State
from dashboard.models import AuditEvent, Dispatch
from providers.sandbox.ledger import Effect

NOTHING_DONE = frozenset({State.REJECTED, State.NOT_SENT, State.CANCELLED})


@dataclass(slots=True)
class Finding:
    """What a run proved."""

    rows: int = 0
    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Accepted, and nothing happened."""
    doubled: list[str] = field(default_factory=list)
    """Happened more than once."""
    unexplained: list[str] = field(default_factory=list)
    """Happened although the desk says that nothing did, or for no dispatch at all; or has no record of its making."""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.unexplained)

    def __str__(self) -> str:
        states = ", ".join(f"{state} {count}" for state, count in sorted(self.states.items()))
        trouble = f"lost {len(self.lost)} | doubled {len(self.doubled)} | unexplained {len(self.unexplained)}"
        return f"rows {self.rows} ({states}) | {trouble} | in doubt {self.states[State.IN_DOUBT]}"


def check(effects: Iterable[Effect]) -> Finding:
    """Compare every dispatch with the effects (invariants I1 and I2)."""
    counted = Counter(_name(effect) for effect in effects)
    finding = Finding()
    recorded = set(AuditEvent.objects.filter(object_type="dispatch").values_list("object_id", flat=True))
    for row in Dispatch.objects.all():
        finding.rows += 1
        finding.states[row.state] += 1
        happened = counted.pop(row.ref if row.provider == "ccai" else row.key, 0)
        _judge(finding, row, happened)
        if row.ref not in recorded:
            finding.unexplained.append(f"{row.ref}: no audit event")
    finding.unexplained += [f"{name}: no dispatch" for name in counted]
    return finding


def _judge(finding: Finding, row: Dispatch, happened: int) -> None:
    if happened > 1:
        finding.doubled.append(row.ref)
    if row.state == State.ACCEPTED and not happened:
        finding.lost.append(row.ref)
    if row.state in NOTHING_DONE and happened:
        finding.unexplained.append(f"{row.ref}: {row.state}, and it happened")


def _name(effect: Effect) -> str:
    """What ties an effect to its dispatch: the vendor's key; for texts, the reference at the end of the words."""
    return effect.key or str(effect.detail["message"]).rpartition(" ")[2]


def assert_clean(effects: Iterable[Effect], *, settled: bool = True) -> Finding:
    """Fail, saying how, when anything was lost, doubled or unexplained; with `settled`, also when a row is still open."""
    finding = check(effects)
    assert finding.clean, f"{finding}: {finding.lost} {finding.doubled} {finding.unexplained}"
    if settled:
        assert not any(finding.states[state] for state in OPEN), str(finding)
    return finding
