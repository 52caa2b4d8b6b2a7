"""`make test`: everything, from a fresh clone, on both databases and in a browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from config.setup import checks, postgres, tools, venv
from config.setup.checks import Result
from config.setup.commands import say
from config.setup.places import REQUIREMENTS, SETTINGS, TEST_REQUIREMENTS

SIDE_BY_SIDE = ("-n", str(max(3, os.cpu_count() or 1)), "--dist", "worksteal")
"""Some tests wait and some kill workers for minutes: whoever is done takes over from whoever is not."""
IN_BROWSERS = ("-n", str(max(2, (os.cpu_count() or 1) - 1)), "--dist", "loadfile")
"""Each process has a running desk and a browser of its own."""


def run() -> int:
    """Install what is missing, run every check and test, say the totals; the exit status. Raises Trouble."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    began = time.monotonic()
    venv.ready(REQUIREMENTS)
    venv.ready(TEST_REQUIREMENTS)
    found = tools.ready()
    with _scratch() as scratch, postgres.server(found.postgresql) as database_url:
        env = without_settings(os.environ) | {"TMPDIR": str(scratch), "CHROMIUM": str(found.chromium)}
        results = [
            *checks.run(checks.STYLE, env),
            *checks.run(checks.TYPES, env),
            *checks.deployment(env, scratch, database_url),
            _pytest("tests on SQLite", ["-m", "not browser", *SIDE_BY_SIDE], env, scratch),
            _pytest("database tests on PostgreSQL", ["-m", "database", *SIDE_BY_SIDE], env | {"DATABASE_URL": database_url}, scratch),
            _pytest("tests in Chromium", ["-m", "browser", *IN_BROWSERS], env, scratch),
        ]
    say(closing_line(results, time.monotonic() - began))
    return 0 if all(result.passed for result in results) else 1


def without_settings(env: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without the settings of a desk that may be in it: tests choose their own."""
    settings = {*re.findall(r'\w\("([A-Z_]+)"', SETTINGS.read_text(encoding="utf-8")), "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in env.items() if not {name, name.removesuffix("_FILE")} & settings}


@contextmanager
def _scratch() -> Iterator[Path]:
    """A directory for everything that the tests leave behind."""
    place = Path(tempfile.mkdtemp(prefix="desk-tests-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _pytest(name: str, words: Sequence[str], env: dict[str, str], scratch: Path) -> Result:
    report = scratch / "report.xml"
    report.unlink(missing_ok=True)
    passed = checks.module(name, ["pytest", "-rs", f"--junit-xml={report}", *words], env)
    return counted(name, passed, report)


def counted(name: str, passed: bool, report: Path) -> Result:
    """A test run with the numbers of its report; a run without a report has failed."""
    if not report.exists():
        return Result(name, passed=False)
    suites = list(ElementTree.parse(report).getroot())  # noqa: S314 (our own file)
    tests, failures, errors, skipped = (
        sum(int(suite.get(kind, 0)) for suite in suites) for kind in ("tests", "failures", "errors", "skipped")
    )
    return Result(name, passed, tests, failures + errors, skipped)


def closing_line(results: Sequence[Result], seconds: float) -> str:
    """All totals in one line."""
    failed = [result.name for result in results if not result.passed]
    runs = ", ".join(f"{result.tests:,} {result.name}" for result in results if result.tests)
    number = sum(result.failed for result in results)
    skipped = sum(result.skipped for result in results)
    verdict = f"FAILED: {', '.join(failed)}" if failed else "Everything passed"
    took = f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"\n{verdict} · {runs} · {number} failed, {skipped} skipped · {len(results)} steps in {took}"
