"""A worker with a planted bug: `python -m tests.faults.planting NAME`."""

from __future__ import annotations

import os
import sys


def main(name: str) -> None:
    """Break a rule, then work as `manage.py worker` does."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from tests.faults.plants import plant

    plant(name, setattr)
    call_command("worker")


if __name__ == "__main__":
    main(sys.argv[1])
