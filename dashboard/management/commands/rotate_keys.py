"""`manage.py rotate_keys`: seal everything in the database under the first key of DESK_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.crypto import Unreadable
from dashboard.management.terminal import TERMINAL
from dashboard.services import resealing


class Command(BaseCommand):
    help = (
        "Seals credentials, tokens, commands, requests, answers and presets again under the first key of DESK_KEYS. "
        "Put a new key first, restart, run this, and then take the old key out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = resealing.reseal_all(by=TERMINAL)
        except Unreadable as error:
            raise CommandError(f"Stopped: {error} Put the key that sealed it back into DESK_KEYS; nothing is lost.") from error
        self.stdout.write(f"{count} values were sealed again under the current key.")
