"""How a command that runs until it is told to stop hears of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

SIGNALS = {signal.SIGTERM, signal.SIGINT}


def hold_back() -> None:
    """Keep SIGTERM and Ctrl-C from interrupting this thread and all it starts: they wait until `wait` asks for them.

    An interrupting handler may find the main thread inside the very lock that it needs to say "stop", and then nothing ever stops.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def wait() -> None:
    """Return when the process is told to stop; only after `hold_back`."""
    signal.sigwait(SIGNALS)


def when_told(stop: Callable[[], None]) -> None:
    """Call `stop` in a thread of its own when the process is told to stop. Call this before other threads begin."""
    hold_back()

    def listen() -> None:
        wait()
        stop()

    threading.Thread(target=listen, name="told-to-stop", daemon=True).start()
