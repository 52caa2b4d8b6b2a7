"""The worker: looks for lanes with work and drains each in a thread of its own; performs errands and chores."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection as database
from django.db import connections as databases
from django.utils import timezone

from dashboard.models import Errand, Worker
from dashboard.services import chores, errands, instance, lanes, replaying, restore
from dashboard.services.draining import Drain
from dashboard.services.execution import DATABASE_TROUBLE
from dashboard.services.failpoints import hit
from dashboard.services.identity import me
from dashboard.services.journal import Journal

log = logging.getLogger("dashboard.worker")
SEEN_EVERY = 5.0
CHORES_EVERY = 1.0
TROUBLE_PAUSE = 1.0
ERRANDS_AT_ONCE = 4


class WorkerProcess:
    """One process that sends. Several, on one machine or more, share the lanes through the database."""

    def __init__(self) -> None:
        self.name = me()
        self.stopping = threading.Event()
        self._journal = Journal(self.name)
        self._drains: dict[int, Drain] = {}
        self._errands: list[threading.Thread] = []
        self._seen = 0.0
        self._tidied = 0.0
        self._arrived = False
        self._refused: float | None = None

    def stop(self) -> None:
        """Claim nothing more; finish what is under way."""
        self.stopping.set()

    def run(self) -> None:
        """Work until `stop` is called; then wait for calls under way, at most WORKER_GRACE seconds."""
        log.info("Worker %s begins.", self.name)
        hit("worker.started")
        self._until_stored(instance.settle_in)
        while not self.stopping.is_set():
            self._safely(self.round if self._arrived else self._arrive)
            self.stopping.wait(settings.WORKER_PAUSE)
        self.finish()

    def _arrive(self) -> None:
        """See whose database this is, and what became of it and of other workers; nothing is begun before."""
        if self._is_ours(lanes.anything()):
            restore.fence()
            replaying.replay_abandoned()
            self._arrived = True

    @property
    def busy(self) -> bool:
        """Whether a lane is being drained or an errand performed."""
        return any(thread.is_alive() for thread in [*self._drains.values(), *self._errands])

    def round(self) -> None:
        """Look once for what is to be done, and begin it."""
        self._drains = {lane: drain for lane, drain in self._drains.items() if drain.is_alive()}
        self._errands = [thread for thread in self._errands if thread.is_alive()]
        replaying.replay_own(self._journal)
        found = lanes.anything()
        if not self._is_ours(found):
            return
        self._be_seen()
        if found.work:
            self._drain_lanes()
        if found.errand:
            self._run_errands()
        self._do_chores()

    def _is_ours(self, found: lanes.Found) -> bool:
        """Whether this worker may touch the database. Where not, it says so; that the right workers only restart is waited out."""
        if not found.elsewhere:
            self._refused = None
            return True
        if self._refused is None:
            instance.refuse(self.name)
            self._refused = time.monotonic()
        if time.monotonic() - max(self._refused, self._tidied) >= settings.WORKER_STALE:
            instance.stop_unless_manned(self.name)
            self._tidied = time.monotonic()
        return False

    def _drain_lanes(self) -> None:
        for lane in lanes.with_work():
            if lane.pk not in self._drains and (lease := lanes.take(lane, self.name)):
                drain = self._drains[lane.pk] = Drain(lease, lane.connection, self._journal, self.stopping)
                drain.start()

    def _do_chores(self) -> None:
        if time.monotonic() - self._tidied >= CHORES_EVERY:
            chores.do_due(self.name)
            self._tidied = time.monotonic()

    def _run_errands(self) -> None:
        while len(self._errands) < ERRANDS_AT_ONCE and (errand := errands.next_asked()):
            thread = threading.Thread(target=_perform, args=(errand,), name="errand", daemon=True)
            self._errands.append(thread)
            thread.start()

    def _be_seen(self) -> None:
        if time.monotonic() - self._seen < SEEN_EVERY:
            return
        now = timezone.now()
        if not Worker.objects.filter(name=self.name).update(seen_at=now):
            Worker.objects.create(name=self.name, started_at=now, seen_at=now)
        self._seen = time.monotonic()
        try:
            restore.remember()
        except OSError:
            log.exception("How far the invocations have come cannot be written down; a restored backup may go unnoticed.")
        hit("worker.seen")

    # --- trouble and the end ------------------------------------------------------------------------

    def _safely(self, do: Callable[[], object]) -> bool:
        """Do something that must not end the worker when the database is locked, away or restarted."""
        try:
            do()
            return True
        except DATABASE_TROUBLE:
            log.warning("The database cannot be used now; trying again.", exc_info=True)
        except Exception:
            log.exception("A round of the worker failed in a way that nobody foresaw.")
        database.close()
        self.stopping.wait(TROUBLE_PAUSE)
        return False

    def _until_stored(self, do: Callable[[], object]) -> None:
        while not self.stopping.is_set() and not self._safely(do):
            pass

    def finish(self) -> None:
        """Wait for what is under way, within WORKER_GRACE, and say goodbye."""
        log.info("Worker %s finishes what is under way.", self.name)
        until = time.monotonic() + settings.WORKER_GRACE
        for thread in [*self._drains.values(), *self._errands]:
            thread.join(max(0.0, until - time.monotonic()))
        self._safely(lambda: Worker.objects.filter(name=self.name).delete())
        self._journal.close()
        log.info("Worker %s ends.", self.name)


def _perform(errand: Errand) -> None:
    try:
        errands.perform(errand)
    finally:
        databases.close_all()
