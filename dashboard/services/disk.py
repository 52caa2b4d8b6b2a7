"""Room on the disk: below a limit nothing is claimed and nothing new is stored, so that what is under way can be written down."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection as database

from dashboard.services.refusals import NoRoom


def has_room() -> bool:
    """Whether every disk that sending writes to has as much room as it must have."""
    return all(_has_room(place) for place in _places())


def refuse_when_full() -> None:
    """Raises NoRoom where what somebody wants to be stored would be written to a disk that is nearly full."""
    if not has_room():
        raise NoRoom


def _has_room(place: Path) -> bool:
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    disk = shutil.disk_usage(there)
    return bool(disk.free >= max(settings.DISK_LEAST, settings.DISK_LEAST_SHARE * disk.total))


def _places() -> list[Path]:
    """The journal's directory; and the database's, where that is a file of ours."""
    journal = Path(settings.JOURNAL)
    return [journal, Path(database.settings_dict["NAME"]).parent] if database.vendor == "sqlite" else [journal]
