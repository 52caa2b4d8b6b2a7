"""The few threads that carry out a lane's calls, each with its own transport."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from django.db import connections as databases

from dashboard.services.execution import Hands, Unsettled
from dashboard.services.journal import Journal
from dashboard.services.lanes import Lease
from providers.http import Transport

Task = Callable[[Hands], None]
log = logging.getLogger("dashboard.pool")


class Pool:
    """Threads that start when they are needed and end when the pool is closed."""

    def __init__(self, lease: Lease, journal: Journal, transport: Callable[[], Transport]) -> None:
        self._lease, self._journal, self._transport = lease, journal, transport
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._news = False
        self._changed = threading.Condition()
        self.troubled = False
        """True once a call ended without settling its rows: they wait for the sweeper, under another epoch."""
        self.cut_off = False
        """True when it was the database that stayed away too long: no row is to blame for it."""

    @property
    def busy(self) -> int:
        """Tasks handed in and not finished."""
        return self._busy

    def give(self, task: Task) -> None:
        """Hand in a task."""
        with self._changed:
            self._busy += 1
            if self._busy > len(self._threads):
                thread = threading.Thread(target=self._work, name=f"call-{self._lease.lane_id}", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._tasks.put(task)

    def wait(self, seconds: float) -> None:
        """Wait until a task is finished that was not waited for, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._news, seconds)
            self._news = False

    def close(self) -> None:
        """Let the threads end after the calls they have."""
        for _thread in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        transport = self._transport()
        try:
            while task := self._tasks.get():
                self._do(task, Hands(self._lease, transport, self._journal))
        finally:
            transport.close()
            databases.close_all()

    def _do(self, task: Task, hands: Hands) -> None:
        try:
            task(hands)
        except Unsettled:
            log.exception("The database stayed away for too long to be told what became of a call.")
            self.cut_off = self.troubled = True
            databases.close_all()
        except Exception:
            # Its rows keep their state, which the sweeper classifies: nothing is assumed here.
            log.exception("A call ended in a way that nobody foresaw.")
            self.troubled = True
            databases.close_all()
        finally:
            with self._changed:
                self._busy -= 1
                self._news = True
                self._changed.notify_all()
