"""What is made now and then, with everything that the tests need."""

from __future__ import annotations

import os

from config.setup import checks, tools, venv
from config.setup.places import REQUIREMENTS, TEST_REQUIREMENTS


def pictures() -> int:
    """Take the pictures of every screen; the exit status."""
    return _run("pictures", "tests.browser.pictures")


def _run(name: str, module: str) -> int:
    venv.ready(REQUIREMENTS)
    venv.ready(TEST_REQUIREMENTS)
    env = os.environ | {"CHROMIUM": str(tools.ready().chromium)}
    return 0 if checks.module(name, [module], env) else 1
