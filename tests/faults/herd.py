"""Processes that are forked from one that has loaded everything: as real as started ones, as easily killed, and there at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.dashboard.engine import harness

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Order:
    """What one process does: `task` is module:function, called with `words`, under these settings, failpoints and planted bug."""

    task: str
    words: tuple[Any, ...] = ()
    fail_at: str = ""
    plant: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


class Herd:
    """The parent of the processes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.forking"]
        environment = harness.environment(LOG_LEVEL="CRITICAL")
        self._parent = subprocess.Popen(
            command, cwd=harness.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait(harness.PATIENCE)

    def run(self, *orders: Order) -> list[int]:
        """Let processes work at the same time; their exit codes, negative for the signal that ended one."""
        assert self._parent.stdin
        assert self._parent.stdout
        print(json.dumps([asdict(order) for order in orders]), file=self._parent.stdin)
        codes: list[int] = json.loads(self._parent.stdout.readline() or "[]")
        assert len(codes) == len(orders), "The parent of the processes has ended."
        return codes
