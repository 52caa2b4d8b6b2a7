"""The leases of lanes: at most one worker drains a connection's queue at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection as database
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from dashboard.choices import Breaker, State
from dashboard.models import Connection, Desk, Dispatch, Lane
from dashboard.services import instance
from dashboard.services.failpoints import hit
from dashboard.services.identity import surely_dead
from dashboard.services.literals import Literal
from providers.wire import steady

LONGEST_HOLD = 900.0
"""Seconds that a provider can make us wait at most."""
CLOCK_SLACK = 60.0
ANYTHING = """
SELECT EXISTS (SELECT 1 FROM dashboard_dispatch WHERE state = 'queued' AND NOT suspended)
    OR EXISTS (SELECT 1 FROM dashboard_dispatch WHERE state IN ('held', 'waiting') AND due_at <= %s AND NOT suspended)
    OR EXISTS (SELECT 1 FROM dashboard_dispatch WHERE state IN ('claimed', 'sending'))
    OR EXISTS (SELECT 1 FROM dashboard_lane WHERE breaker <> 'closed'),
    EXISTS (SELECT 1 FROM dashboard_errand WHERE state = 'asked'),
    EXISTS (SELECT 1 FROM dashboard_desk WHERE instance NOT IN ('', %s))
"""
_signs: dict[int, tuple[int, float, float]] = {}
"""The last sign of life of each lane's holder, as epoch and heartbeat, and when this process saw it first."""


@dataclass(slots=True)
class Lease:
    """The right to drain one lane, under an epoch that nobody else will ever have."""

    lane_id: int
    connection_id: int
    holder: str
    epoch: int
    renewed: float = field(default_factory=steady)
    watched: dict[int, float] = field(default_factory=dict)
    """Calls of earlier holders that may still be under way, and since when this one has been watching them."""

    @property
    def is_fresh(self) -> bool:
        """Whether this process knows that its lease cannot have run out."""
        return bool(steady() - self.renewed < settings.LANE_LEASE)

    def rows(self) -> QuerySet[Lane]:
        """The lane, as long as this lease is the one in force."""
        return Lane.objects.filter(pk=self.lane_id, holder=self.holder, epoch=self.epoch)


@dataclass(frozen=True, slots=True)
class View:
    """A lane as it stands now."""

    lane: Lane
    connection: Connection
    stopped: bool

    @property
    def may_send(self) -> bool:
        """Whether anything may be claimed: the desk runs, the connection is neither paused nor archived."""
        return not (self.stopped or self.connection.is_paused or self.connection.archived_at)

    @property
    def opens_at(self) -> float:
        """When the next call may start as far as hold and breaker go, in seconds since the epoch."""
        now = time.time()
        held = _sensible(self.lane.hold_until, now, LONGEST_HOLD)
        return max(held, _sensible(self.lane.probe_at, now, settings.BREAKER_LONGEST) if self.lane.breaker == Breaker.OPEN else 0)


def _sensible(moment: float, now: float, furthest: float) -> float:
    """A moment ahead; 0 when it is further ahead than it can have been set: then the clock has been set back since."""
    return 0.0 if moment > now + furthest + CLOCK_SLACK else moment


def take(lane: Lane, holder: str) -> Lease | None:
    """Take the lease of a lane that nobody holds any more; None when somebody else was quicker."""
    if not _is_free(lane, holder):
        return None
    before, now = steady(), time.time()
    unchanged = Lane.objects.filter(pk=lane.pk, epoch=lane.epoch, holder=lane.holder, heartbeat_at=lane.heartbeat_at)
    if not unchanged.update(holder=holder, epoch=F("epoch") + 1, lease_until=now + settings.LANE_LEASE, heartbeat_at=now):
        return None
    hit("lane.taken")
    return Lease(lane.pk, lane.connection_id, holder, lane.epoch + 1, before)


def _is_free(lane: Lane, holder: str) -> bool:
    return lane.holder in ("", holder) or surely_dead(lane.holder) or _is_silent(lane)


def _is_silent(lane: Lane) -> bool:
    """Whether the holder gave no sign for the time of a lease, by our own clock: another machine's clock may be wrong, or set."""
    epoch, heartbeat, since = _signs.get(lane.pk, (-1, 0.0, 0.0))
    if (epoch, heartbeat) != (lane.epoch, lane.heartbeat_at):
        since = steady()
        _signs[lane.pk] = (lane.epoch, lane.heartbeat_at, since)
    return bool(steady() - since >= settings.LANE_LEASE)


def renew(lease: Lease) -> bool:
    """Prolong a lease; False when it was lost."""
    before, now = steady(), time.time()
    if not lease.rows().update(lease_until=now + settings.LANE_LEASE, heartbeat_at=now):
        return False
    lease.renewed = before
    hit("lane.renewed")
    return True


def release(lease: Lease) -> None:
    """Give a lease back, so that another worker need not wait for its end."""
    lease.rows().update(holder="", lease_until=0)
    hit("lane.released")


def look(lease: Lease) -> View | None:
    """The lane now; None when the lease was lost."""
    lane = lease.rows().select_related("connection").annotate(desk_stopped=Exists(_stops())).first()
    return View(lane, lane.connection, lane.desk_stopped) if lane else None


def _stops() -> QuerySet[Desk]:
    return Desk.objects.filter(stopped_at__isnull=False) | instance.elsewhere()


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the database showed a worker."""

    work: bool
    """Whether some lane may have something due."""
    errand: bool
    elsewhere: bool
    """Whether the database belongs to another instance, so that nothing else here is for this worker."""


def anything() -> Found:
    """What there may be to do: one small question, asked several times a second."""
    now = database.ops.adapt_datetimefield_value(timezone.now())
    with database.cursor() as cursor:
        cursor.execute(ANYTHING, [now, settings.INSTANCE])
        return Found(*map(bool, cursor.fetchone()))


def with_work() -> list[Lane]:
    """The lanes that have something due, or something left behind by a worker that is gone. Reads only."""
    lanes = Lane.objects.select_related("connection").annotate(queued=_next_queued(), due=_next_due(), begun=Exists(_begun()))
    desk_stopped = _stops().exists()
    return [lane for lane in lanes if _has_work(lane, desk_stopped)]


def _has_work(lane: Lane, desk_stopped: bool) -> bool:
    view = View(lane, lane.connection, desk_stopped)
    begun = getattr(lane, "begun", False)
    wanted = getattr(lane, "queued", False) or getattr(lane, "due", False) or lane.breaker != Breaker.CLOSED
    return (wanted and view.may_send and view.opens_at <= time.time()) or (begun and _is_free(lane, ""))


def _next_queued() -> Subquery:
    """The first of a lane's queue. In its order: without one, databases look for it among all that the connection ever sent."""
    queued = Dispatch.objects.filter(connection=OuterRef("connection"), state=Literal(State.QUEUED), suspended=False)
    return Subquery(queued.order_by(F("urgent").desc(), "pk").values("pk")[:1])


def _next_due() -> Subquery:
    """The first of those that are held or wait and are due, in their order for the same reason."""
    waiting = Dispatch.objects.filter(connection=OuterRef("connection"), suspended=False)
    due = waiting.filter(state__in=[Literal(State.HELD), Literal(State.WAITING)], due_at__lte=timezone.now())
    return Subquery(due.order_by("due_at").values("pk")[:1])


def _begun() -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(connection=OuterRef("connection"), state__in=[Literal(State.CLAIMED), Literal(State.SENDING)])
