"""manage.py worker: sends what is due, until it is told to stop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.management import stopping
from dashboard.worker import WorkerProcess

FAREWELL = 4.0
"""Seconds that a worker has, after its grace, to say goodbye to the database."""


class Command(BaseCommand):
    help = "Sends dispatches. Stops at SIGTERM or Ctrl-C, after finishing the calls under way."

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(databases=["default"])
        worker = WorkerProcess()
        stopping.when_told(worker.stop, within=settings.WORKER_GRACE + FAREWELL)
        worker.run()
