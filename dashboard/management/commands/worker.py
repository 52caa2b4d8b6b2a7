"""manage.py worker: sends what is due, until it is told to stop."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from dashboard.worker import WorkerProcess


class Command(BaseCommand):
    help = "Sends dispatches. Stops at SIGTERM or Ctrl-C, after finishing the calls under way."

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(databases=["default"])
        worker = WorkerProcess()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
