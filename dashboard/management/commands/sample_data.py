"""`manage.py sample_data`: what a desk beside its sandbox starts with."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.services import sample
from dashboard.services.refusals import Refused


class Command(BaseCommand):
    """Writes the sample data and prints one sign-in per role."""

    help = "Makes connections to the sandbox, one person per role and a dozen dispatches. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        file = settings.BASE_DIR / "var" / "sign-ins.txt"
        parser.add_argument("--sign-ins", type=Path, default=file, help="file that keeps the passwords")
        parser.add_argument("--bare", action="store_true", help="no dispatches")
        window = "seconds in which what people send can be taken back (default %(default)s)"
        parser.add_argument("--undo-seconds", type=int, default=sample.UNDO_SECONDS, help=window)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OUTBOUND_LOOPBACK:
            raise CommandError("Sample data is for a desk beside its sandbox: it needs OUTBOUND_LOOPBACK=True.")
        try:
            sample.connect(address=settings.SANDBOX_ADDRESS, undo_seconds=options["undo_seconds"])
        except Refused as refused:
            moved = f"The sandbox has moved to {settings.SANDBOX_ADDRESS}, but its connections cannot follow."
            raise CommandError(f"{moved} {refused}") from refused
        sign_ins = sample.sign_ins(file=options["sign_ins"])
        if not options["bare"]:
            sample.send(address=settings.SANDBOX_ADDRESS)
        for each in sign_ins:
            password = each.password or "(the password chosen since)"
            self.stdout.write(f"  {each.role:<11} {each.username:<4} {password}")
