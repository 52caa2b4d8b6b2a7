"""Drains one lane: keeps its lease, claims, packs, paces, hands calls to the lane's threads, until nothing is due."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from functools import partial

from django.conf import settings
from django.db import connection as database
from django.db import connections as databases
from django.utils.translation import gettext as _

from dashboard import crypto
from dashboard.choices import Breaker
from dashboard.models import Connection
from dashboard.services import breaker, claims, connections, disk, lanes, pace, probing, reconcile
from dashboard.services.execution import DATABASE_TROUBLE, carry_out, transport_for
from dashboard.services.journal import Journal
from dashboard.services.lanes import Lease, View
from dashboard.services.planning import Call, Unfit, plan
from dashboard.services.pool import Pool
from dashboard.services.recording import LeaseLost
from providers.errors import NotConfigured
from providers.wire import steady

log = logging.getLogger("dashboard.lane")
IDLE = -1.0
"""What a turn returns when nothing is to be done."""
RECOVER_EVERY = 1.0
TROUBLE_PAUSE = 0.5


class Drain(threading.Thread):
    """The thread that drains a lane under one lease."""

    def __init__(self, lease: Lease, connection: Connection, journal: Journal, stopping: threading.Event) -> None:
        super().__init__(name=f"lane-{lease.lane_id}", daemon=True)
        self.lease = lease
        self._stopping = stopping
        self._connection = connection
        self._pool = Pool(lease, journal, lambda: transport_for(connection))
        self._ready: deque[Call] = deque()
        self._chunk = settings.LANE_CHUNK
        self._foreign = 0
        self._unsure = False
        self._recovered = 0.0
        self._idle_since: float | None = None

    def run(self) -> None:
        """Drain until nothing is due, the worker stops, or the lease is lost."""
        try:
            while self._goes_on():
                self._pool.wait(self._safely())
        except LeaseLost:
            log.warning("The lease of lane %s was lost.", self.lease.lane_id)
        except Exception:
            # What is claimed stays so, and is found under the next lease; a row that does this again and again is set aside.
            log.exception("Lane %s stopped in a way that nobody foresaw.", self.lease.lane_id)
        finally:
            self._end()
            databases.close_all()

    # --- the end ----------------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        ending = self._stopping.is_set() or self._pool.troubled or self._lingered()
        return not ending or self._pool.busy > 0

    def _lingered(self) -> bool:
        """Whether nothing has been due for a while, and no call of an earlier holder has to be watched."""
        return self._idle_since is not None and not self._foreign and steady() - self._idle_since > settings.LANE_LINGER

    def _end(self) -> None:
        """Give back what is still ours. Whatever cannot be given back now is found by the sweeper."""
        self._pool.close()
        try:
            self._give_back()
            lanes.release(self.lease)
        except DATABASE_TROUBLE:
            log.warning("Lane %s could not be given back; its lease runs out.", self.lease.lane_id, exc_info=True)

    def _give_back(self) -> None:
        while self._ready:
            claims.put_back(self.lease, self._ready.popleft().rows)
        if self._pool.cut_off:
            claims.put_all_back(self.lease)

    # --- one turn ---------------------------------------------------------------------------------

    def _safely(self) -> float:
        """A turn that survives trouble with the database. Returns the seconds until the next."""
        try:
            self._keep_lease()
            wait = self._finish() if self._stopping.is_set() or self._pool.troubled else self._turn()
        except DATABASE_TROUBLE:
            log.warning("Lane %s cannot use the database now.", self.lease.lane_id, exc_info=True)
            database.close()
            self._unsure = True
            return TROUBLE_PAUSE
        if wait == IDLE:
            self._idle_since = self._idle_since or steady()
            return float(settings.WORKER_PAUSE)
        self._idle_since = None
        return wait

    def _finish(self) -> float:
        self._give_back()
        return float(settings.WORKER_PAUSE)

    def _keep_lease(self) -> None:
        if steady() - self.lease.renewed < settings.LANE_LEASE / 3:
            return
        if not lanes.renew(self.lease):
            raise LeaseLost

    def _turn(self) -> float:
        if not self._ready:
            # Before the look: what a failed call gave back is not sent under a lane that stood open before the failure.
            claims.promote(self.lease.connection_id)
        view = lanes.look(self.lease)
        if view is None:
            raise LeaseLost
        self._connection = view.connection
        self._recover()
        if self._unsure:
            return self._take_stock()
        if not view.may_send or not self._has_room(view):
            self._give_back()
            return IDLE
        return self._send(view)

    def _take_stock(self) -> float:
        """After trouble with the database rows may be claimed and in nobody's hands: put them back once no call is under way."""
        self._ready.clear()
        if self._pool.busy:
            return float(settings.WORKER_PAUSE)
        claims.put_all_back(self.lease)
        self._unsure = False
        return 0.0

    def _recover(self) -> None:
        if steady() - self._recovered > RECOVER_EVERY:
            self._foreign = reconcile.recover(self.lease)
            self._recovered = steady()

    def _send(self, view: View) -> float:
        """Start the next call if it may start now."""
        if (wait := view.opens_at - time.time()) > 0:
            self._give_back()
            return IDLE if wait > settings.LANE_LINGER else wait
        if view.lane.breaker == Breaker.OPEN:
            self._probe(view.connection)
            return float(settings.WORKER_PAUSE)
        free = self._free(view)
        if free <= 0:
            return float(settings.WORKER_PAUSE)
        if self._ready and claims.overtaken(self.lease, self._ready[0].rows[0]):
            self._give_back()
        if not self._ready and not self._fill(free):
            breaker.trust(self.lease, view.connection.vendor.limits.breaker)
            return IDLE
        if (wait := pace.take(self.lease, view.lane)) > 0:
            return min(wait, float(settings.WORKER_PAUSE))
        self._pool.give(partial(carry_out, self._ready.popleft(), view.connection))
        return 0.0 if free > 1 else float(settings.WORKER_PAUSE)

    def _has_room(self, view: View) -> bool:
        """Whether there is room on the disk for what sending writes; says on the lane when there is not."""
        if disk.has_room():
            return True
        text = _("Nothing is sent: the disk on which this desk keeps its records is nearly full.")
        if view.lane.last_error != text:
            breaker.note(self.lease.lane_id, text)
        return False

    def _probe(self, connection: Connection) -> None:
        """Ask a provider that failed something harmless; when that works, a single call goes as the trial."""
        if breaker.begin_probe(self.lease):
            self._pool.give(lambda _hands: probing.try_again(connection))

    def _free(self, view: View) -> int:
        """How many calls may start now; one at a time while the provider is on trial."""
        limit = 1 if view.lane.breaker != Breaker.CLOSED else view.lane.in_flight_limit
        return limit - self._pool.busy - self._foreign

    # --- filling ----------------------------------------------------------------------------------

    def _fill(self, free: int) -> bool:
        """Claim and plan the next rows; whether there is a call to make."""
        rows = claims.claim(self.lease, self._chunk)
        rows = claims.permitted(self.lease, self._connection, rows)
        if not rows:
            return False
        try:
            made = plan(self._connection, rows)
        except (crypto.Unreadable, NotConfigured) as error:
            claims.put_back(self.lease, rows)
            reason = _("The stored dispatches cannot be made into requests. %(why)s") % {"why": error}
            connections.pause(connection=self._connection, reason=reason, by=connections.WORKER)
            return False
        for unfit in made.unfit:
            self._refuse(unfit)
        self._ready.extend(made.calls)
        # Where a call carries one row only, claim no more rows than can start: so urgent ones overtake.
        single = len(rows) > 1 and all(len(call.rows) == 1 for call in made.calls)
        self._chunk = free if single else settings.LANE_CHUNK
        return bool(self._ready)

    def _refuse(self, unfit: Unfit) -> None:
        log.error("Dispatch %s cannot be sent: %s", unfit.row.ref, unfit.reason)
        reconcile.refuse(self.lease, unfit.row, unfit.reason, crashed=unfit.crashed)
