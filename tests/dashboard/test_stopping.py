"""A process that is told to stop, stops."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from dashboard.management import stopping
from tests.dashboard.engine.harness import PATIENCE, ROOT

IN_THE_LOCK = """
import os, threading, time
from dashboard.management import stopping
stop = threading.Event()
stopping.when_told(stop.set, within=600)
with stop._cond:
    os.kill(os.getpid(), {number})
    time.sleep(0.2)
print("told" if stop.wait(60) else "deaf")
"""
"""Told at the worst moment: while the main thread holds the lock that saying so needs."""

STUCK = """
import os, signal, time
from dashboard.management import stopping
stopping.when_told(lambda: None, within=0.2)
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(600)
"""
"""Told while it is in something that nothing interrupts."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_hears_of_it_while_it_holds_the_lock_of_its_own_event(number: signal.Signals) -> None:
    words = [sys.executable, "-c", IN_THE_LOCK.format(number=int(number))]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert said.stdout == "told\n"


def test_it_is_ended_where_it_is_stuck_and_says_where() -> None:
    said = subprocess.run([sys.executable, "-c", STUCK], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert said.returncode == stopping.STUCK
    assert "most recent call first" in said.stderr
