"""Takes rows off a lane's queue: one conditional UPDATE a chunk, urgent first, then oldest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Dispatch
from dashboard.services.failpoints import hit
from dashboard.services.lanes import Lease
from dashboard.services.literals import Literal
from dashboard.services.repeats import in_time
from dashboard.services.submitting import needed


def promote(connection_id: int) -> None:
    """Queue what was held or waited until now."""
    due = Dispatch.objects.filter(connection_id=connection_id, due_at__lte=timezone.now())
    for state in (State.HELD, State.WAITING):
        rows = due.filter(state=Literal(state))
        if rows.exists():
            rows.update(state=State.QUEUED)
    hit("claim.promoted")


def claim(lease: Lease, most: int) -> list[Dispatch]:
    """Up to `most` rows, and whatever belongs in one call with them, claimed under this lease."""
    if not lease.is_fresh or not (chosen := _choose(lease.connection_id, most)):
        return []
    hit("claim.selected")
    fields = {"state": State.CLAIMED, "claimed_epoch": lease.epoch, "claimed_at": timezone.now()}
    _queued(lease.connection_id).filter(pk__in=chosen).update(**fields)
    hit("claim.updated")
    return claimed(lease, chosen)


def overtaken(lease: Lease, row: Dispatch) -> bool:
    """Whether an urgent row came into the queue while this one, which is not urgent, was claimed and not yet sent."""
    return not row.urgent and _queued(lease.connection_id).filter(urgent=True).exists()


def claimed(lease: Lease, chosen: Iterable[int]) -> list[Dispatch]:
    """Those of these rows that are claimed under this lease."""
    mine = Dispatch.objects.filter(pk__in=list(chosen), state=State.CLAIMED, claimed_epoch=lease.epoch)
    return list(mine.select_related("created_by").order_by(F("urgent").desc(), "pk"))


def put_back(lease: Lease, rows: Iterable[Dispatch]) -> None:
    """Return rows to the queue that will not be sent now."""
    chosen = [row.pk for row in rows]
    Dispatch.objects.filter(pk__in=chosen, state=State.CLAIMED, claimed_epoch=lease.epoch).update(state=State.QUEUED)


def put_all_back(lease: Lease) -> None:
    """Return all rows to the queue that are claimed under this lease."""
    claimed = Dispatch.objects.filter(connection_id=lease.connection_id, state=Literal(State.CLAIMED), claimed_epoch=lease.epoch)
    claimed.update(state=State.QUEUED)


def permitted(lease: Lease, connection: Connection, rows: Sequence[Dispatch]) -> list[Dispatch]:
    """The rows whose makers still may dispatch; the others are suspended: they wait until somebody takes them back."""
    refused = [row for row in rows if not _may(connection, row)]
    if refused:
        chosen = [row.pk for row in refused]
        mine = Dispatch.objects.filter(pk__in=chosen, state=State.CLAIMED, claimed_epoch=lease.epoch)
        mine.update(state=State.QUEUED, suspended=True)
    hit("claim.checked")
    return [row for row in rows if row not in refused]


def _may(connection: Connection, row: Dispatch) -> bool:
    return row.created_by is not None and row.created_by.may(needed(connection, row.action))


def _queued(connection_id: int) -> QuerySet[Dispatch]:
    """What may be claimed. A row whose time is over may not, also before the sweeper ends it: Monday's text is not sent on Thursday."""
    return Dispatch.objects.filter(in_time(timezone.now()), connection_id=connection_id, state=Literal(State.QUEUED), suspended=False)


def _choose(connection_id: int, most: int) -> list[int]:
    """The next rows. One that was in a worker's hands when it died goes alone, so that it harms no other."""
    queued = _queued(connection_id)
    found = list(queued.order_by(F("urgent").desc(), "pk").values_list("pk", "call_group", "crashes")[: min(most, settings.LANE_CHUNK)])
    found = found[:1] if found and found[0][2] else [entry for entry in found if not entry[2]]
    chosen = {pk for pk, _group, _crashes in found}
    if groups := {group for _pk, group, _crashes in found if group}:
        chosen.update(queued.filter(Q(call_group__in=groups)).values_list("pk", flat=True))
    return sorted(chosen)
