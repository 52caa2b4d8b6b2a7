"""A process that is told to stop, stops."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.dashboard.engine.harness import ROOT

IN_THE_LOCK = """
import os, threading, time
from dashboard.management import stopping
stop = threading.Event()
stopping.when_told(stop.set)
with stop._cond:
    os.kill(os.getpid(), {number})
    time.sleep(0.2)
print("told" if stop.wait(10) else "deaf")
"""
"""Told at the worst moment: while the main thread holds the lock that saying so needs."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_hears_of_it_while_it_holds_the_lock_of_its_own_event(number: signal.Signals) -> None:
    words = [sys.executable, "-c", IN_THE_LOCK.format(number=int(number))]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert said.stdout == "told\n"
