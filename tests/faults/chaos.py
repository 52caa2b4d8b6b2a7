"""Chaos: many dispatches, several workers, everything going wrong at random, and the ledger held against the database at the end.

`make chaos`, or `python -m tests.faults.chaos`. In the environment: SEED (the same seed is the same storm), ROWS, WORKERS,
MINUTES (how long the storm lasts), DATABASE_URL (SQLite in a scratch directory when it is not given).
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import environment


def number(name: str, default: str) -> str:
    """A number from the environment."""
    return os.environ.get(name) or default


@contextmanager
def desk() -> Iterator[Path]:
    """Django on a fresh database, and a directory."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["LOG_LEVEL"] = "CRITICAL"
    django.setup()
    from django.db import connection

    folder, name = Path(tempfile.mkdtemp(prefix="desk-chaos-")), connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield folder
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        shutil.rmtree(folder)
        shutil.rmtree(environment.SCRATCH)


def main() -> int:
    """Run, and say what came of it; the exit status."""
    seed = int(number("SEED", str(random.SystemRandom().randrange(1_000_000))))
    rows, workers, minutes = int(number("ROWS", "20000")), int(number("WORKERS", "4")), float(number("MINUTES", "10"))
    with desk() as folder:
        from tests.faults.chaotic import run

        return run(seed=seed, rows=rows, workers=workers, minutes=minutes, folder=folder)


if __name__ == "__main__":
    sys.exit(main())
