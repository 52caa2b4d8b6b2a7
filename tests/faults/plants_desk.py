"""Bugs in what the desk minds besides single calls: claims, limits, people, and whose database it is."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

from django.db.models import F
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Desk, Dispatch, Lane
from dashboard.services import breaker, claims, disk, dispatches, draining, lanes, pace, recording, restore, superseding
from dashboard.services.failpoints import hit
from dashboard.services.lanes import Lease
from tests.faults.bugs import Patch, planted

# --- claims, limits and people ----------------------------------------------------------------------


@planted("a claim is not conditional")
def claimed_blindly(patch: Patch) -> None:
    def claim(lease: Lease, most: int) -> list[Dispatch]:
        chosen = claims._choose(lease.connection_id, most)
        hit("claim.selected")
        Dispatch.objects.filter(pk__in=chosen).update(state=State.CLAIMED, claimed_epoch=lease.epoch)
        return claims.claimed(lease, chosen)

    patch(claims, "claim", claim)


@planted("a lease is taken without a condition")
def lease_taken_blindly(patch: Patch) -> None:
    def take(lane: Lane, holder: str) -> Lease:
        time.sleep(0.001)
        Lane.objects.filter(pk=lane.pk).update(holder=holder, epoch=F("epoch") + 1)
        return Lease(lane.pk, lane.connection_id, holder, lane.epoch + 1)

    patch(lanes, "take", take)


@planted("a held row is claimed")
def held_claimed(patch: Patch) -> None:
    def promote(connection_id: int) -> None:
        Dispatch.objects.filter(connection_id=connection_id, state=State.HELD).update(state=State.QUEUED)

    patch(claims, "promote", promote)


@planted("a paused connection goes on claiming")
def pause_ignored(patch: Patch) -> None:
    patch(lanes.View, "may_send", True)


@planted("the limit in flight is ignored")
def limit_ignored(patch: Patch) -> None:
    patch(draining.Drain, "_free", lambda self, view: 50)


@planted("the pace is ignored")
def pace_ignored(patch: Patch) -> None:
    patch(pace, "take", lambda lease, lane: 0.0)


@planted("the disk is written to its last byte")
def disk_ignored(patch: Patch) -> None:
    patch(disk, "has_room", lambda: True)


@planted("the breaker never opens")
def breaker_stuck(patch: Patch) -> None:
    patch(breaker, "failed", lambda *_args, **_terms: None)


@planted("a disabled maker's rows are sent")
def makers_unchecked(patch: Patch) -> None:
    patch(claims, "permitted", lambda lease, connection, rows: rows)


@planted("an unanswered row can be taken back")
def unanswered_cancelled(patch: Patch) -> None:
    def cancel(*, dispatch: Dispatch, by: object) -> None:
        Dispatch.objects.filter(pk=dispatch.pk).update(state=State.CANCELLED)

    patch(dispatches, "cancel", cancel)


@planted("the quiet period is not kept")
def quiet_period_ignored(patch: Patch) -> None:
    patch(superseding, "may_send_again_at", lambda dispatch: timezone.now())


# --- databases ----------------------------------------------------------------------------------------


@planted("a restored database is taken as it is")
def restore_unnoticed(patch: Patch) -> None:
    patch(restore, "fence", lambda: False)


@planted("a database of another instance is sent from")
def anybodys_database(patch: Patch) -> None:
    anything = lanes.anything
    patch(lanes, "anything", lambda: replace(anything(), elsewhere=False))
    patch(lanes, "_stops", lambda: Desk.objects.filter(stopped_at__isnull=False))
    patch(recording, "instance", SimpleNamespace(elsewhere=Desk.objects.none))


@planted("the mark does not ask whose database it is")
def anybodys_mark(patch: Patch) -> None:
    patch(recording, "instance", SimpleNamespace(elsewhere=Desk.objects.none))
