"""Which instance of the desk may send from this database.

A copy of the production database, started elsewhere with production's keys, would send what is queued in it a second time. So
the database remembers the INSTANCE of the first worker that had one, and only workers with the same INSTANCE send from it:
that is asked where rows are claimed, and again in the mark before the first byte. A worker of another instance sends, asks and
tidies nothing, and says so in the trail. Once it has seen no worker of the database's own instance for WORKER_STALE, it stops
all sending, so that every page says why; an admin who then lets sending go on hands the database over to it. A worker without
INSTANCE is one of another instance wherever the database has one; while neither has one, nothing is asked.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.models import Desk, Person, Worker
from dashboard.services import audit

log = logging.getLogger("dashboard.instance")
WORKER = "worker"


def elsewhere() -> QuerySet[Desk]:
    """The desk's row, when it belongs to another instance than this process; nothing otherwise."""
    return Desk.objects.exclude(instance__in=["", settings.INSTANCE])


@transaction.atomic
def settle_in() -> None:
    """Make a database that belongs to no instance belong to this worker's."""
    Desk.load()
    if settings.INSTANCE and Desk.objects.filter(instance="").update(instance=settings.INSTANCE):
        audit.record(WORKER, "desk.settled", detail={"instance": settings.INSTANCE})


@transaction.atomic
def refuse(worker: str) -> None:
    """Say, in the log and in the trail, that a worker sends nothing because the database is not its own."""
    detail = {"name": worker, "instance": settings.INSTANCE or _("none"), "owner": Desk.load().instance}
    log.error("This database belongs to the instance %(owner)s, this worker to %(instance)s: it sends nothing.", detail)
    audit.record(WORKER, "desk.refused", detail=detail)


@transaction.atomic
def stop_unless_manned(worker: str) -> None:
    """Stop all sending, naming both instances, unless a worker of the database's own instance was seen lately."""
    lately = timezone.now() - timedelta(seconds=settings.WORKER_STALE)
    if Worker.objects.filter(seen_at__gt=lately).exclude(name=worker).exists():
        return
    # A stop that was made for another reason, before the database was copied, must not be ended by somebody who does not know of this.
    open_to_us = Q(stopped_at=None) | Q(newcomer="") if settings.INSTANCE else Q(stopped_at=None)
    reason = _reason(Desk.load().instance)
    fields = {"stopped_at": timezone.now(), "stopped_by": WORKER, "stopped_reason": reason, "newcomer": settings.INSTANCE}
    if elsewhere().filter(open_to_us).update(**fields):
        audit.record(WORKER, "desk.stopped", detail={"reason": reason})


def _reason(owner: str) -> str:
    names = {"owner": owner, "instance": settings.INSTANCE}
    if not settings.INSTANCE:
        text = _("This database belongs to the instance “%(owner)s”, but its worker has no INSTANCE. Set it, and start the worker again.")
        return text % names
    text = _(
        "This database belongs to the instance “%(owner)s”, but its worker to “%(instance)s”: it may be a copy. "
        "If sending goes on, the database belongs to “%(instance)s”, and all that is queued in it is sent from there."
    )
    return text % names


def hand_over(desk: Desk, by: Person | str) -> None:
    """Give the database to the instance whose worker stopped the desk, when one did; within the transaction that ends the stop."""
    if desk.newcomer:
        Desk.objects.filter(pk=desk.pk).update(instance=desk.newcomer, newcomer="")
        audit.record(by, "desk.handed_over", detail={"owner": desk.instance, "instance": desk.newcomer})
