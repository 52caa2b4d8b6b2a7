"""Invocations and attempts: what is written before a call leaves, and the mark that nothing leaves without."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F
from django.utils import timezone

from dashboard import crypto
from dashboard.choices import AttemptState, State
from dashboard.models import Attempt, Connection, Dispatch, Invocation
from dashboard.services import instance
from dashboard.services.failpoints import hit
from dashboard.services.lanes import Lease
from dashboard.services.planning import AUTHORIZATION, Call
from dashboard.services.repeats import in_time
from providers.base import BasicAuth
from providers.redact import HIDDEN


class LeaseLost(Exception):
    """Another worker drains the lane now, another instance sends from this database, or a row's time is over: nothing of this may leave."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call that is on record and may leave."""

    call: Call
    lease: Lease
    invocation: Invocation

    @property
    def ids(self) -> list[int]:
        """The keys of its rows."""
        return [row.pk for row in self.call.rows]


def record(connection: Connection, lease: Lease, call: Call) -> Recorded:
    """Store an invocation with its attempts. Raises LeaseLost when a row is not ours any more."""
    hit("record.before")
    invocation = _invocation(connection, lease, call)
    with transaction.atomic():
        _count_attempt(lease, call, invocation)
        invocation.save()
        Attempt.objects.bulk_create(
            Attempt(dispatch=row, invocation=invocation, number=row.attempts + 1, state=AttemptState.OPEN) for row in call.rows
        )
    for row in call.rows:
        row.attempts += 1
    hit("record.stored")
    return Recorded(call, lease, invocation)


def _invocation(connection: Connection, lease: Lease, call: Call) -> Invocation:
    request = call.request
    scheme = "Basic" if isinstance(connection.vendor.auth, BasicAuth) else "Bearer"
    invocation = Invocation(
        uid=uuid.uuid4(),
        connection=connection,
        method=request.method,
        url=request.url,
        headers=[*map(list, request.headers), [AUTHORIZATION, f"{scheme} {HIDDEN}"]],
        request_shown=call.shown,
        digest=hashlib.sha256(request.body).hexdigest(),
        secrets_version=connection.secrets_version,
        worker=lease.holder,
        epoch=lease.epoch,
        created_at=timezone.now(),
    )
    invocation.request_sealed = crypto.seal(request.body, invocation.place("request"))
    return invocation


def _count_attempt(lease: Lease, call: Call, invocation: Invocation) -> None:
    """Count the attempt on each row. Rows that travel together are tied, so that a repeat takes them together again."""
    groups = {row.call_group for row in call.rows}
    group = groups.pop() if len(groups) == 1 else ""
    if not group and len(call.rows) > 1:
        group = invocation.uid.hex[:16]
    ids = [row.pk for row in call.rows]
    mine = Dispatch.objects.filter(pk__in=ids, state=State.CLAIMED, claimed_epoch=lease.epoch)
    if mine.update(attempts=F("attempts") + 1, call_group=group) != len(ids):
        raise LeaseLost


def mark(recorded: Recorded) -> None:
    """The durable mark: returns when it is on disk that this call may have left. Raises when it must not leave."""
    hit("mark.before")
    lease = recorded.lease
    if not lease.is_fresh:
        raise LeaseLost
    with transaction.atomic():
        in_force = Exists(lease.rows().filter(lease_until__gt=time.time())) & ~Exists(instance.elsewhere())
        claimed = Dispatch.objects.filter(pk__in=recorded.ids, state=State.CLAIMED, claimed_epoch=lease.epoch)
        mine = claimed.filter(in_force, in_time(timezone.now()))
        if mine.update(state=State.SENDING) != len(recorded.ids):
            raise LeaseLost
        unmarked = Invocation.objects.filter(pk=recorded.invocation.pk, marked_at__isnull=True, ended_at__isnull=True)
        if not unmarked.update(marked_at=timezone.now()):
            raise LeaseLost
        hit("mark.updated")
    hit("mark.committed")
