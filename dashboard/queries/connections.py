"""How connections stand: health, load, age of their secrets, the last test."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Count, Max, Prefetch, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.choices import OPEN, Breaker, ErrandState, State
from dashboard.models import Connection, Desk, Dispatch, Errand, Lane, Secret
from dashboard.queries.health import worker_is_seen
from dashboard.services.errands import TEST
from dashboard.services.secrets import OLD_AFTER_DAYS

SLOW_MS = 2_000
"""An answer that takes longer makes a connection "slow"."""


class Health(NamedTuple):
    """A pill and a sentence."""

    colour: str
    word: str | Promise
    text: str = ""


class Load(NamedTuple):
    """How many dispatches are where."""

    scheduled: int
    leaving: int
    """Within the undo window."""
    queued: int
    retrying: int
    """Waiting to be tried again."""
    in_flight: int

    @property
    def waiting(self) -> int:
        """Those that wait for their turn, the first one or another."""
        return self.queued + self.retrying

    @property
    def under_way(self) -> int:
        """All that are not settled, without what is scheduled for later."""
        return self.leaving + self.waiting + self.in_flight


@dataclass(frozen=True, slots=True)
class Standing:
    """One connection as lists and its own page show it."""

    connection: Connection
    lane: Lane
    health: Health
    load: Load
    test: Errand | None
    """The newest test, finished or not."""
    secret_days: int | None
    """Days since its oldest secret was set; None when one is missing."""

    @property
    def secrets_old(self) -> bool:
        """Whether a secret is due to be replaced."""
        return self.secret_days is not None and self.secret_days >= OLD_AFTER_DAYS

    @property
    def breaker(self) -> Breaker:
        """The lane's breaker with its label."""
        return Breaker(self.lane.breaker)


def standings() -> list[Standing]:
    """Every connection in use, by name."""
    return _standings(Connection.objects.filter(archived_at=None))


def standing(connection: Connection) -> Standing:
    """How one connection stands."""
    return _standings(Connection.objects.filter(pk=connection.pk))[0]


def _standings(rows: QuerySet[Connection]) -> list[Standing]:
    secrets = Prefetch("secrets", queryset=Secret.objects.defer("sealed"))
    connections = list(rows.select_related("lane").prefetch_related(secrets))
    loads, tests, desk, manned = _loads(connections), _last_tests(connections), stop(), worker_is_seen()
    return [
        Standing(
            connection=connection,
            lane=connection.lane,
            health=_health(connection, desk, tests.get(connection.pk), manned=manned),
            load=loads[connection.pk],
            test=tests.get(connection.pk),
            secret_days=_secret_days(connection),
        )
        for connection in connections
    ]


def _loads(connections: list[Connection]) -> dict[int, Load]:
    counted: dict[int, Counter[tuple[str, bool]]] = defaultdict(Counter)
    # Not narrowed to the connections: the databases would go through all that these ever sent instead of the few that are open.
    rows = Dispatch.objects.filter(state__in=sorted(OPEN))
    for pk, state, later, count in rows.values_list("connection", "state", "scheduled").annotate(count=Count("pk")).order_by():
        counted[pk][state, later and state == State.HELD] += count
    return {connection.pk: _load(counted[connection.pk]) for connection in connections}


def _last_tests(connections: list[Connection]) -> dict[int, Errand]:
    tests = Errand.objects.filter(connection__in=connections, what=TEST).order_by()
    newest = tests.values("connection").annotate(newest=Max("pk")).values("newest")
    return {test.connection_id: test for test in Errand.objects.filter(pk__in=newest).defer("found")}


def _load(counts: Counter[tuple[str, bool]]) -> Load:
    return Load(
        scheduled=counts[State.HELD, True],
        leaving=counts[State.HELD, False],
        queued=counts[State.QUEUED, False] + counts[State.CLAIMED, False],
        retrying=counts[State.WAITING, False],
        in_flight=counts[State.SENDING, False],
    )


def _secret_days(connection: Connection) -> int | None:
    known = {secret.name: secret.set_at for secret in connection.secrets.all()}
    needed = [field.name for field in connection.vendor.secrets]
    if not needed or any(name not in known for name in needed):
        return None
    return max(0, (timezone.now() - min(known[name] for name in needed)).days)


def stop() -> Desk | None:
    """The global stop while it is in force."""
    return Desk.objects.filter(stopped_at__isnull=False).first()


def _health(connection: Connection, desk: Desk | None, test: Errand | None, *, manned: bool) -> Health:
    """The first thing that keeps it from sending, or else how well it does."""
    if connection.archived_at:
        return Health("quiet", gettext_lazy("Archived"))
    if desk:
        return Health("bad", gettext_lazy("All stopped"), _said_by(desk.stopped_by, desk.stopped_reason))
    if connection.is_paused:
        return Health("warn", gettext_lazy("Paused"), _said_by(connection.paused_by, connection.paused_reason))
    if _secret_days(connection) is None and connection.vendor.secrets:
        return Health("warn", gettext_lazy("No credentials"), _("It cannot send until every secret is set."))
    return _lane_health(connection.lane, manned=manned) or _tested(connection, test)


def _said_by(name: str, reason: str) -> str:
    if not name:
        return _("By the desk itself: %(reason)s") % {"reason": reason}
    return _("By %(name)s: %(reason)s") % {"name": name, "reason": reason}


def _lane_health(lane: Lane, *, manned: bool) -> Health | None:
    """What its calls tell; None while there was none that was answered."""
    now = timezone.now().timestamp()
    if lane.breaker == Breaker.OPEN:
        return Health("bad", Breaker.OPEN.label, lane.last_error)
    if lane.breaker == Breaker.PROBING:
        return Health("wait", Breaker.PROBING.label, lane.last_error)
    if not manned:
        return Health("bad", gettext_lazy("No worker"), _("Nothing is sent until a worker runs."))
    if max(lane.hold_until, lane.slow_until) > now:
        return Health("warn", gettext_lazy("Slowed down"), _("The provider asked for a pause or fewer calls."))
    if lane.last_success_at is None:
        return None
    if (lane.last_took_ms or 0) > SLOW_MS:
        return Health("warn", gettext_lazy("Slow"))
    return Health("good", Breaker.CLOSED.label)


def _tested(connection: Connection, test: Errand | None) -> Health:
    """What the last test tells of a connection that was not used yet. A test with earlier secrets tells nothing."""
    newest = max((secret.set_at for secret in connection.secrets.all()), default=None)
    if test and test.done_at and (newest is None or test.asked_at >= newest):
        passed = test.state == ErrandState.DONE
        return Health("good", gettext_lazy("Tested")) if passed else Health("bad", gettext_lazy("Test failed"), test.said)
    return Health("quiet", gettext_lazy("Not tried yet"), connection.lane.last_error)


def moment(epoch: float) -> datetime | None:
    """Seconds since the epoch as a moment still to come; None when it has passed."""
    found = datetime.fromtimestamp(epoch, UTC)
    return found if found > timezone.now() else None
