"""Would the tests see it? Every rule is broken once, and a named check has to fail; without the bug it has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Person
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine import harness, test_control, test_too_late
from tests.faults import drills, test_fencing
from tests.faults.case import A, C, Case, V
from tests.faults.checker import assert_clean
from tests.faults.plants import PLANTS, plant
from tests.faults.table import TABLE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
NO_BUG = ""
PATIENCE = 12.0
"""Seconds: a check that waits in vain has seen the bug."""
SEEN = (AssertionError, pytest.fail.Exception)


@dataclass(frozen=True, slots=True)
class Check:
    """A check that passes, and no longer passes with a bug in place. `run` gets the case and the name of the bug."""

    name: str
    provider: str
    run: Callable[[Case, str], object]


def cell(number: str, title: str, provider: str) -> Check:
    """A cell of the table of faults."""
    (found,) = [each for each in TABLE if (each.fault, each.title, each.provider) == (number, title, provider)]

    def run(case: Case, bug: str) -> None:
        assert found.run
        found.run(case)

    return Check(f"{number} {title}", provider, run)


def swept(point: str, provider: str) -> Check:
    """A kill of the crash sweep."""
    return Check(f"sweep {point}", provider, lambda case, bug: drills.swept(case, point, bug))


def control(test: Callable[[Any, Sandbox, Person], None], provider: str) -> Check:
    """A test of the engine."""
    return Check(test.__name__, provider, lambda case, bug: test(case.connection, case.box, case.sam))


def drill(check: Callable[[Case], None], provider: str) -> Check:
    return Check(check.__name__, provider, lambda case, bug: check(case))


def raced(case: Case, bug: str) -> None:
    drills.race_for_rows(case.folder, 4, 1_000, most=20, fail_at="claim.selected:1:sleep=1", plant=bug)


def raced_for_leases(case: Case, bug: str) -> None:
    drills.race_for_leases(case.folder, 4, 200, plant=bug)


def sent_again_too_soon(case: Case, bug: str) -> None:
    test_control.test_deciding_and_sending_again(case.box, case.sam, case.settings)


def taken_back(case: Case, bug: str) -> None:
    test_control.test_not_cancelled_while_unanswered(case.box, case.sam, case.settings)


def left_before_an_outage(case: Case, bug: str) -> None:
    test_too_late.test_what_left_before_an_outage_is_not_repeated_after_it(case.box, case.sam)


SEEN_BY = {
    "the mark is written after the bytes": swept("mark.before", C),
    "lease and epoch are not checked in the mark": control(test_fencing.test_nothing_leaves_once_the_lane_is_lost, C),
    "the key is remade for a repeat": cell("F26", "closed without an answer", V),
    "the body is rebuilt for a repeat, with whatever waits": drill(drills.the_same_bytes_again, V),
    "a text is repeated after a lost answer": cell("F26", "closed without an answer", C),
    "what was given up is sent": control(test_too_late.test_what_was_given_up_between_claim_and_first_byte, C),
    "the time for repeats begins when a crash is found": Check(
        "test_what_left_before_an_outage_is_not_repeated_after_it", V, left_before_an_outage
    ),
    "a server error counts as not sent": cell("F33", "status 500", C),
    "a redirect is followed": cell("F36", "redirect to another host", V),
    "a text goes over a connection that was kept alive": cell("F26", "stale connection that was kept alive", C),
    "a row with an unanswered attempt is rejected cleanly": cell("F31", "duplicate listed as failed after a lost answer", V),
    "a taken name counts as proof on a clean first attempt": cell("F42", "name taken on a clean first attempt", A),
    "“too many requests” counts as a rejection": cell("F34", "too many requests", C),
    "a 401 is repeated for ever": drill(drills.refused_for_good, V),
    "an answer is dropped when it cannot be stored": cell("F52", "database away after the answer", V),
    "the journal of a dead worker is thrown away": swept("journal.written", C),
    "what a dead worker was sending goes back to the queue": swept("answer.received", C),
    "crashes are not counted": cell("F16", "row that crashes the worker", C),
    "a restored database is taken as it is": cell("F18", "database restored from a backup", C),
    "a database of another instance is sent from": cell("F19", "production copy started as another instance", C),
    "the mark does not ask whose database it is": cell("F19", "database handed over between claim and first byte", C),
    "a claim is not conditional": Check("race for rows", C, raced),
    "a lease is taken without a condition": Check("race for leases", C, raced_for_leases),
    "a held row is claimed": drill(drills.held_until_due, C),
    "a paused connection goes on claiming": control(test_control.test_a_paused_connection_claims_nothing, V),
    "the limit in flight is ignored": drill(drills.few_in_flight, C),
    "the pace is ignored": drill(drills.evenly_paced, C),
    "the disk is written to its last byte": cell("F53", "disk nearly full", V),
    "the breaker never opens": cell("F33", "outage bounds the doubt", C),
    "a disabled maker's rows are sent": control(test_control.test_a_disabled_maker_sends_nothing_more, C),
    "an unanswered row can be taken back": Check("test_not_cancelled_while_unanswered", V, taken_back),
    "the quiet period is not kept": Check("test_deciding_and_sending_again", C, sent_again_too_soon),
}
CHECKS = {f"{check.name}, {check.provider}": check for check in SEEN_BY.values()}


@pytest.fixture
def world(
    transactional_db: None, quick: Any, sam: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Case]]:
    """Makes a case for a provider, in which nothing hides a doubled text."""
    with Sandbox() as box:
        box.world.change("ccai", "rate", 0)
        box.world.change("ccai", "session_guard", False)
        yield lambda provider: Case(provider, factories.sandbox_connection(box, provider), box, sam, quick, tmp_path, monkeypatch)


def verify(check: Check, case: Case, bug: str) -> None:
    """Run a check, and the comparison with the ledger that follows every one."""
    check.run(case, bug)
    assert_clean(case.box.ledger.effects(), settled=False)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_passes_without_a_bug(check: Check, world: Callable[[str], Case]) -> None:
    verify(check, world(check.provider), NO_BUG)


@pytest.mark.parametrize("bug", SEEN_BY)
def test_sees_the_bug(
    bug: str, world: Callable[[str], Case], monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    check = SEEN_BY[bug]
    case = world(check.provider)
    monkeypatch.setattr(harness, "PATIENCE", PATIENCE)
    monkeypatch.setattr(harness, "WORKER", ["-m", "tests.faults.planting", bug])
    plant(bug, monkeypatch.setattr)
    with pytest.raises(SEEN):
        verify(check, case, bug)
    record_property("figure", f"planted | {bug} | seen by: {check.name}, {check.provider}")


def test_every_planted_bug_has_its_check() -> None:
    assert sorted(SEEN_BY) == sorted(PLANTS)
    assert len(PLANTS) >= 12
