"""What is made now and then, with everything that the tests need."""

from __future__ import annotations

import os

from config.setup import checks, postgres, tests, tools, venv
from config.setup.places import REQUIREMENTS, TEST_REQUIREMENTS


def pictures() -> int:
    """Take the pictures of every screen; the exit status."""
    return _run("pictures", "tests.browser.pictures")


def bench_engine() -> int:
    """Measure the engine beside a bare loop; the exit status."""
    return _run("bench-engine", "tests.bench.engine")


def bench_pages() -> int:
    """Measure the server time of every page beside a bare view; the exit status."""
    return _run("bench-pages", "tests.bench.pages")


def chaos() -> int:
    """Send while everything goes wrong (SEED=, ROWS=, WORKERS=, MINUTES=, DATABASE=postgresql); the exit status."""
    venv.ready(REQUIREMENTS)
    venv.ready(TEST_REQUIREMENTS)
    env = tests.without_settings(os.environ)
    if env.pop("DATABASE", "") != "postgresql":
        return 0 if checks.module("chaos", ["tests.faults.chaos"], env) else 1
    with postgres.server(tools.ready().postgresql) as address:
        return 0 if checks.module("chaos", ["tests.faults.chaos"], env | {"DATABASE_URL": address}) else 1


def _run(name: str, module: str) -> int:
    venv.ready(REQUIREMENTS)
    venv.ready(TEST_REQUIREMENTS)
    env = os.environ | {"CHROMIUM": str(tools.ready().chromium)}
    return 0 if checks.module(name, [module], env) else 1
