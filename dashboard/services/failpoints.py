"""Named places at which a test can kill, stop or delay this process. Without FAIL_AT in the environment they do nothing.

FAIL_AT is a comma-separated list of `point:n:action`: at the n-th time that this process comes by `point`, do `action`:
`kill` (SIGKILL), `stop` (SIGSTOP), `raise`, `database` (as if the database were away), or `sleep=SECONDS`.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from django.db import OperationalError

POINTS = (
    "submit.stored",
    "submit.committed",
    "worker.started",
    "worker.seen",
    "lane.taken",
    "lane.renewed",
    "lane.released",
    "claim.promoted",
    "claim.selected",
    "claim.updated",
    "claim.checked",
    "plan.opened",
    "plan.built",
    "pace.taken",
    "record.before",
    "record.stored",
    "token.leased",
    "token.fetched",
    "token.stored",
    "mark.before",
    "mark.updated",
    "mark.committed",
    "answer.received",
    "journal.written",
    "settle.before",
    "settle.invocation",
    "settle.rows",
    "settle.committed",
    "journal.resolved",
    "settle.signalled",
    "recover.claimed",
    "recover.sending",
    "replay.entry",
)


class Failed(Exception):
    """What the action `raise` raises."""


class _Armed:
    """The points switched on in this process, with how often each was passed."""

    def __init__(self, text: str) -> None:
        self.actions = {(point, int(n)): action for point, n, action in (entry.split(":") for entry in text.split(",") if entry)}
        self.passed: dict[str, int] = dict.fromkeys((point for point, _ in self.actions), 0)
        self.lock = threading.Lock()

    def action(self, point: str) -> str:
        with self.lock:
            if point not in self.passed:
                return ""
            self.passed[point] += 1
            return self.actions.get((point, self.passed[point]), "")


_armed = _Armed(os.environ.get("FAIL_AT", ""))


def hit(point: str) -> None:
    """Come by a point."""
    if not _armed.actions:
        return
    match _armed.action(point).split("="):
        case ["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["stop"]:
            os.kill(os.getpid(), signal.SIGSTOP)
        case ["raise"]:
            raise Failed(point)
        case ["database"]:
            raise OperationalError(point)
        case ["sleep", seconds]:
            time.sleep(float(seconds))
