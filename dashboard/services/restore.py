"""Notices that the database was restored from a backup: what was sent since then looks as if it still had to be sent.

Beside the journal, outside the database, stands how far the invocations of this database had come. A worker that starts on
one that is behind this mark pauses every connection, and treats what is open as if it had been sent without an answer.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.choices import OPEN, State
from dashboard.models import Connection, Dispatch, Invocation
from dashboard.services import connections
from providers.base import Repeat

NAME = "anchor.json"


def remember() -> None:
    """Keep how far the invocations have come. Raises OSError."""
    reached = _reached()
    if reached > _remembered():
        _write(reached)


def fence() -> bool:
    """Pause everything when the database is older than what was sent; whether it was."""
    reached = _reached()
    if reached >= _remembered():
        return False
    with transaction.atomic():
        for connection in Connection.objects.filter(archived_at=None):
            _doubt(connection)
            reason = _("The database was restored from a backup and does not know what was sent since. Resume when it is clear what was.")
            connections.pause(connection=connection, reason=reason, by=connections.WORKER)
    _write(reached)
    return True


def _doubt(connection: Connection) -> None:
    """What is open may have left since the backup: doubt sticks to it, and what is never repeated ends in doubt."""
    now = timezone.now()
    begun = Dispatch.objects.filter(connection=connection, state__in=sorted(OPEN - {State.HELD}))
    begun |= Dispatch.objects.filter(connection=connection, state=State.HELD, due_at__lte=now)
    fields = {"unanswered": True, "first_unanswered_at": now}
    if connection.vendor.repeat is Repeat.NEVER:
        text = _("The database was restored from a backup; it may have been sent since.")
        begun.update(state=State.IN_DOUBT, outcome_code="desk.restored", explanation=text, settled_at=now, **fields)
    else:
        begun.update(state=State.QUEUED, **fields)


def _reached() -> int:
    return Invocation.objects.aggregate(last=Max("pk"))["last"] or 0


def _path() -> Path:
    return Path(settings.JOURNAL) / NAME


def _born() -> str:
    """When this database was made: another one, in its place, begins anew and is not an older state of it."""
    first = MigrationRecorder.Migration.objects.order_by("pk").first()
    return first.applied.isoformat() if first else ""


def _remembered() -> int:
    try:
        kept = json.loads(_path().read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    return int(kept["invocation"]) if kept["database"] == _born() else 0


def _write(reached: int) -> None:
    """Replace the mark as a whole: a crash leaves the old or the new one."""
    fresh = _path().with_suffix(f".{os.getpid()}")
    with fresh.open("w", encoding="ascii") as file:
        json.dump({"invocation": reached, "database": _born()}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(_path())
