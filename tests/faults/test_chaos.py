"""The chaos run itself, in small: it can be replayed, and it comes to a clean end."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.dashboard.engine import harness
from tests.faults.storm import clocks, forecast

pytestmark = pytest.mark.faults
LINE = re.compile(r"rows 90 \| faults survived (\d+)/\1 \| kills [1-9]\d* \| lost 0 \| doubled 0 \| in doubt (\d+) \(expected \2\)")


def test_the_same_seed_is_the_same_storm() -> None:
    assert forecast(5, 60.0, 4) == forecast(5, 60.0, 4)
    assert [event.toxic for event in forecast(5, 60.0, 4)] == [event.toxic for event in forecast(5, 60.0, 4)]
    assert forecast(5, 60.0, 4) != forecast(6, 60.0, 4)
    assert clocks(5, 4) == clocks(5, 4) != clocks(6, 4)


def test_a_small_storm_is_survived() -> None:
    terms = {"SEED": "11", "ROWS": "90", "WORKERS": "2", "MINUTES": "0.2"}
    outer = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE"}
    command = [sys.executable, "-m", "tests.faults.chaos"]
    done = subprocess.run(command, cwd=harness.ROOT, env=outer | terms, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert LINE.fullmatch(done.stdout.splitlines()[-1]), done.stdout
