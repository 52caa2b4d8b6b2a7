"""Adding, changing, pausing and archiving connections, and the global stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.choices import OPEN
from dashboard.models import Connection, Desk, Dispatch, Lane, Person
from dashboard.services import audit, instance, secrets
from dashboard.services.changes import in_words, refuse_overtaken, version_of
from dashboard.services.refusals import Refused

WORKER = "worker"
"""Who acts when the machine does."""


@transaction.atomic
def add(
    *,
    name: str,
    provider: str,
    environment: str,
    settings: Mapping[str, str],
    country: str,
    undo_seconds: int,
    in_flight: int,
    calls: int,
    per_seconds: float,
    by: Person | str,
) -> Connection:
    """Add a connection with its lane. Raises Refused when the name is taken."""
    connection = Connection(name=name, provider=provider, environment=environment, settings=dict(settings))
    connection.country, connection.undo_seconds = country, undo_seconds
    _save(connection)
    lane = Lane(connection=connection, in_flight_limit=in_flight, calls=calls, per_seconds=per_seconds)
    lane.save()
    audit.record(by, "connection.added", obj=connection, after=_facts(connection, lane))
    return connection


@transaction.atomic
def change(
    *,
    connection: Connection,
    name: str,
    environment: str,
    settings: Mapping[str, str],
    country: str,
    undo_seconds: int,
    in_flight: int,
    calls: int,
    per_seconds: float,
    by: Person | str,
    opened: str = "",
) -> Connection:
    """Change a connection. New addresses clear its secrets, and are refused while dispatches are open; raises Refused.

    `opened` is the version that the form was opened with: a change that somebody else made since is not overwritten unseen.
    """
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    lane = Lane.objects.get(connection=row)
    before, addresses = _facts(row, lane), row.vendor.endpoints(row.account())
    refuse_overtaken(row, before, opened)
    row.name, row.environment, row.settings = name, environment, dict(settings)
    row.country, row.undo_seconds = country, undo_seconds
    moved = row.vendor.endpoints(row.account()) != addresses
    if moved:
        _refuse_while_open(row, _("Its addresses can be changed when none is left, because their request IDs belong to the old account."))
    _save(row)
    lane.in_flight_limit, lane.calls, lane.per_seconds = in_flight, calls, per_seconds
    lane.save(update_fields=["in_flight_limit", "calls", "per_seconds"])
    if (after := _facts(row, lane)) != before:
        audit.record(by, "connection.changed", obj=row, detail={"changes": in_words(before, after)}, before=before, after=after)
    if moved:
        secrets.clear(connection=row, by=by, reason=_("its addresses were changed"))
    return row


def version(connection: Connection) -> str:
    """The version of what an admin sets."""
    return version_of(_facts(connection, connection.lane))


def _facts(connection: Connection, lane: Lane) -> dict[str, Any]:
    """Everything an admin sets, as it is digested and compared. Holds no secret."""
    return {
        "name": connection.name,
        "provider": connection.provider,
        "environment": connection.environment,
        **{f"settings.{name}": value for name, value in connection.settings.items()},
        "country": connection.country,
        "undo seconds": connection.undo_seconds,
        "in flight": lane.in_flight_limit,
        "calls": lane.calls,
        "per seconds": lane.per_seconds,
    }


def _save(connection: Connection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        text = _("There is a connection named “%(name)s” already; names differ by more than letter case, and archived ones keep theirs.")
        raise Refused(text % {"name": connection.name}, "name") from error


def open_dispatches(connection: Connection) -> int:
    """How many dispatches of a connection are not settled yet."""
    return Dispatch.objects.filter(connection=connection, state__in=OPEN).count()


def _refuse_while_open(connection: Connection, consequence: str) -> None:
    if count := open_dispatches(connection):
        text = ngettext("%(count)s dispatch of %(name)s is still open.", "%(count)s dispatches of %(name)s are still open.", count) % {
            "count": count,
            "name": connection.name,
        }
        raise Refused(f"{text} {consequence}")


@transaction.atomic
def pause(*, connection: Connection, reason: str, by: Person | str) -> bool:
    """Stop the claims of a connection. The machine never overrides a person's pause; whether anything changed."""
    rows = Connection.objects.filter(pk=connection.pk, archived_at=None)
    if by == WORKER:
        rows = rows.filter(paused_at=None)
    changed = rows.update(paused_at=timezone.now(), paused_by="" if by == WORKER else str(by), paused_reason=reason[:500])
    connection.refresh_from_db()
    if changed:
        audit.record(by, "connection.paused", obj=connection, detail={"reason": reason[:500]})
    return bool(changed)


@transaction.atomic
def resume(*, connection: Connection, by: Person | str) -> bool:
    """Let a paused connection send again; whether anything changed."""
    rows = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False, archived_at=None)
    changed = rows.update(paused_at=None, paused_by="", paused_reason="")
    connection.refresh_from_db()
    if changed:
        audit.record(by, "connection.resumed", obj=connection)
    return bool(changed)


@transaction.atomic
def archive(*, connection: Connection, by: Person | str) -> None:
    """Take a connection out of use for good: its history stays, its secrets go. Raises Refused while dispatches are open."""
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    if row.archived_at:
        return
    _refuse_while_open(row, _("Wait until they are settled, or cancel them."))
    row.archived_at = timezone.now()
    row.save(update_fields=["archived_at"])
    secrets.clear(connection=row, by=by, reason=_("the connection was archived"))
    audit.record(by, "connection.archived", obj=row)


@transaction.atomic
def stop_desk(*, reason: str, by: Person | str) -> bool:
    """Stop all sending on every connection; whether anything changed."""
    Desk.load()
    changed = Desk.objects.filter(stopped_at=None).update(stopped_at=timezone.now(), stopped_by=str(by), stopped_reason=reason[:500])
    if changed:
        audit.record(by, "desk.stopped", detail={"reason": reason[:500]})
    return bool(changed)


@transaction.atomic
def resume_desk(*, by: Person | str) -> bool:
    """End the global stop, and hand the database over to the instance that it was stopped for; whether anything changed."""
    desk = Desk.objects.select_for_update().filter(stopped_at__isnull=False).first()
    if desk is None:
        return False
    Desk.objects.filter(pk=desk.pk).update(stopped_at=None, stopped_by="", stopped_reason="")
    audit.record(by, "desk.resumed")
    instance.hand_over(desk, by)
    return True
