"""A process that submits one dispatch: `python -m tests.faults.submitter CONNECTION PERSON REF`."""

from __future__ import annotations

import os
import sys


def main(connection_id: int, person_id: int, ref: str) -> None:
    """Submit as the composer does."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from dashboard.models import Connection, Person
    from dashboard.services import dispatches
    from tests.dashboard.engine.harness import request

    connection = Connection.objects.get(pk=connection_id)
    changes = {"end_user_number": "+14155550001"} if connection.provider == "ccai" else {}
    asked = request(connection, ref, **changes)
    dispatches.submit(connection=connection, requests=[asked], ref=ref, by=Person.objects.get(pk=person_id), source="screen")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
