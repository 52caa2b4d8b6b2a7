"""manage.py worker: sends what is due, until it is told to stop."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, SystemCheckError
from django.db import connection as database

from dashboard import checks
from dashboard.management import stopping
from dashboard.services.execution import DATABASE_TROUBLE
from dashboard.worker import TROUBLE_PAUSE, WorkerProcess

log = logging.getLogger("dashboard.worker")
FAREWELL = 4.0
"""Seconds that a worker has, after its grace, to say goodbye to the database."""


class Command(BaseCommand):
    help = "Sends dispatches. Stops at SIGTERM or Ctrl-C, after finishing the calls under way."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = WorkerProcess()
        stopping.when_told(worker.stop, within=settings.WORKER_GRACE + FAREWELL)
        while not worker.stopping.is_set() and not self._may_begin():
            worker.stopping.wait(TROUBLE_PAUSE)
        worker.run()

    def _may_begin(self) -> bool:
        """Whether the database can be asked at all: one that is away is waited for, as it is later on.

        Raises SystemCheckError where something is set up so that it must not begin.
        """
        try:
            self.check(databases=["default"])
        except (*DATABASE_TROUBLE, SystemCheckError) as error:
            if isinstance(error, SystemCheckError) and checks.DATABASE_AWAY not in str(error):
                raise
            log.warning("The database cannot be used now; trying again. %s", error)
            database.close()
            return False
        return True
