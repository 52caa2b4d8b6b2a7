"""`manage.py rotate_keys`: seal everything in the database under the first key of DESK_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.crypto import Unreadable
from dashboard.management.terminal import TERMINAL
from dashboard.services import replaying, resealing


class Command(BaseCommand):
    help = (
        "Seals credentials, tokens, commands, requests, answers and presets again under the first key of DESK_KEYS. "
        "Put a new key first, restart, run this, and then take the old key out. "
        "Exit codes: 0 done, 1 something is left for which the old key is still needed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = resealing.reseal_all(by=TERMINAL)
        except Unreadable as error:
            raise CommandError(f"Stopped: {error} Put the key that sealed it back into DESK_KEYS; nothing is lost.") from error
        self.stdout.write(f"{count} values were sealed again under the current key.")
        if left := replaying.left_behind():
            raise CommandError(
                f"Keep the old key: a worker that is gone left answers in {', '.join(left)}. "
                "Start a worker, which brings them into the database, and run this again before you take the old key out."
            )
