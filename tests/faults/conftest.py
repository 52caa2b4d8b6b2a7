"""What the fault tests share, and the table that they print."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Person
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import UNHURRIED
from tests.faults import figures
from tests.faults.case import ALL, Case, Cell
from tests.faults.table import TABLE

collect_ignore = ["test_crashes.py"] if os.environ["DATABASE_URL"].startswith("sqlite") else []
MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "n/a"}


@pytest.fixture
def quick(settings: Any, tmp_path: Path) -> Any:
    """The engine's waits, shortened, its deadlines not, and a journal of this test's own."""
    for name, value in UNHURRIED.items():
        setattr(settings, name, value)
    settings.JOURNAL = tmp_path / "journal"
    return settings


@pytest.fixture
def case(
    request: pytest.FixtureRequest, transactional_db: None, quick: Any, sam: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Case]:
    """The world of the cell that the test is parametrised with."""
    cell: Cell = request.param
    with Sandbox() as box:
        provider = cell.provider if cell.provider in ALL else ALL[0]
        box.world.change("ccai", "rate", 0)
        # The vendor refuses a customer's second text within a session: that must not hide a doubled one.
        box.world.change("ccai", "session_guard", False)
        connection = factories.sandbox_connection(box, provider)
        yield Case(provider, connection, box, sam, quick, tmp_path, monkeypatch)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    cell = getattr(item, "callspec", None) and item.callspec.params.get("case")  # type: ignore[attr-defined]
    if isinstance(cell, Cell) and (report.when == "call" or report.failed):
        report.user_properties.append(("cell", (cell.fault, cell.title, cell.provider)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    figures.tell(terminalreporter)
    results: dict[tuple[str, str, str], str] = {}
    for kind in MARKS:
        for report in terminalreporter.stats.get(kind, ()):
            for name, value in report.user_properties:
                if name == "cell":
                    results[tuple(value)] = MARKS[kind]
    if results:
        _print(terminalreporter, results)


def _print(reporter: Any, results: dict[tuple[str, str, str], str]) -> None:
    columns = (*ALL, "desk")
    reporter.section("faults and providers")
    titles = sorted({(cell.fault, cell.title) for cell in TABLE})
    waiting = {(cell.fault, cell.title, cell.provider): cell.later for cell in TABLE if cell.later}
    reporter.line(f"{'':64}" + "".join(f"{column:>10}" for column in columns))
    complete = len(results) + len(waiting) == len(TABLE)
    for number, title in titles:
        keys = [(number, title, column) for column in columns]
        shown = [results.get(key) or ("later" if key in waiting else "untested" if _is_cell(key) else "") for key in keys]
        if not complete and not any(key in results for key in keys):
            continue
        why = next((waiting[key] for key in keys if key in waiting), "")
        reporter.line(f"{number} {title:60}" + "".join(f"{entry:>10}" for entry in shown) + (f"  {why}" if why else ""))
    _print_totals(reporter, results, len(waiting))


def _is_cell(key: tuple[str, str, str]) -> bool:
    return any((cell.fault, cell.title, cell.provider) == key for cell in TABLE)


def _print_totals(reporter: Any, results: dict[tuple[str, str, str], str], waiting: int) -> None:
    survived = sum(result == "ok" for result in results.values())
    untested = len(TABLE) - waiting - len(results)
    reporter.line(f"cells {len(TABLE)} | survived {survived}/{len(results)} | untested {untested} | later {waiting}")
