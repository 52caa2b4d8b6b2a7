"""Whether the desk can do its work."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from dashboard.models import Worker

log = logging.getLogger(__name__)


def readiness() -> dict[str, bool]:
    """What the work needs, and whether it is there. A database that fails counts as not there."""
    try:
        return {"database": True, "migrations": _is_migrated(), "worker": worker_is_seen()}
    except Error as error:
        log.warning("Not ready: %s", error)
        return {"database": False, "migrations": False, "worker": False}


def worker_is_seen() -> bool:
    """Whether a worker reported within WORKER_STALE."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - timedelta(seconds=settings.WORKER_STALE)).exists()


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
