"""Room on the disk: below a limit nothing is claimed, so that what is under way can still be written down."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection as database


def has_room() -> bool:
    """Whether every disk that sending writes to has as much room as it must have."""
    return all(_has_room(place) for place in _places())


def _has_room(place: Path) -> bool:
    disk = shutil.disk_usage(place)
    return bool(disk.free >= max(settings.DISK_LEAST, settings.DISK_LEAST_SHARE * disk.total))


def _places() -> list[Path]:
    """The journal's directory; and the database's, where that is a file of ours."""
    journal = Path(settings.JOURNAL)
    return [journal, Path(database.settings_dict["NAME"]).parent] if database.vendor == "sqlite" else [journal]
