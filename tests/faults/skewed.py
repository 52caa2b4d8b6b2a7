"""A worker whose clock is wrong: `python -m tests.faults.skewed AHEAD JUMP`, in seconds; SIGUSR1 sets its clock by another JUMP."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime

ahead = 0.0
right = time.time
"""The time as the machine knows it."""


def wrong() -> float:
    """The time as this worker believes it to be."""
    return right() + ahead


def main(first: float, jump: float) -> None:
    """Work as `manage.py worker` does. The clock that nobody can set is left alone."""
    global ahead
    ahead = first
    time.time = wrong
    import django
    from django.utils import timezone

    timezone.now = lambda: datetime.fromtimestamp(wrong(), UTC)
    signal.signal(signal.SIGUSR1, lambda *_: _set(jump))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("worker")


def _set(jump: float) -> None:
    global ahead
    ahead += jump


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
