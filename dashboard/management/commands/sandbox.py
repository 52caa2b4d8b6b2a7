"""`manage.py sandbox`: all vendors on loopback."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.management import stopping
from providers.sandbox.server import Sandbox


class Command(BaseCommand):
    """Runs the emulator until it is asked to stop."""

    help = "Serves the vendors' documented behaviour on 127.0.0.1, with a ledger of effects and switchable faults."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--ledger", type=Path, help="file to which every effect is appended as a line of JSON")
        parser.add_argument("--remember", type=int, default=500, help="how many of the latest requests are kept")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            box = Sandbox(options["port"], options["ledger"], remember=options["remember"])
        except OSError as error:
            raise CommandError(f"The sandbox cannot use port {options['port']}: {error.strerror}. Give another with --port.") from error
        stopping.hold_back()
        box.start()
        self.stdout.write(f"The sandbox answers at {box.url}.")
        self.stdout.flush()
        stopping.wait()
        box.stop()
