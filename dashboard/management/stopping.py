"""How a command that runs until it is told to stop hears of it."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Callable

SIGNALS = {signal.SIGTERM, signal.SIGINT}
STUCK = 70
"""The exit status of a process that did not manage to stop by itself."""


def hold_back() -> None:
    """Keep SIGTERM and Ctrl-C from interrupting this thread and all it starts: they wait until `wait` asks for them.

    An interrupting handler may find the main thread inside the very lock that it needs to say "stop", and then nothing ever stops.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def wait() -> None:
    """Return when the process is told to stop; only after `hold_back`."""
    signal.sigwait(SIGNALS)


def when_told(stop: Callable[[], None], *, within: float) -> None:
    """Call `stop` in a thread of its own when the process is told to stop, which must then end by itself within so many seconds.

    One that is stuck in something that nobody can interrupt, like a database that has gone silent, says where, and is ended.
    Call this before other threads begin.
    """
    hold_back()

    def listen() -> None:
        wait()
        stop()
        time.sleep(within)
        faulthandler.dump_traceback()
        os._exit(STUCK)

    threading.Thread(target=listen, name="told-to-stop", daemon=True).start()
