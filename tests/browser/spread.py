"""Gives a running desk a day's work that ended just now, for pictures only: a day's work was not done within a minute.

Run as a process of its own with the environment of that desk.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.browser.running import ROOT, RunningDesk

if TYPE_CHECKING:
    from dashboard.models import CatalogueItem, Connection, Person
    from providers.base import Action

BY_HOUR = (2, 1, 0, 0, 1, 3, 6, 9, 12, 14, 11, 9, 8, 10, 13, 12, 9, 7, 5, 4, 3, 2, 2)
"""Dispatches of each hour, the oldest first."""
UNHAPPY = {7: "rejected", 9: "in_doubt", 10: "rejected", 14: "not_sent", 15: "rejected"}
"""Hours in which one more did not go well."""


def spread(desk: RunningDesk) -> None:
    """Make the day, before anything is really sent, so that the history is in the order of time."""
    ran = subprocess.run([sys.executable, "-m", __name__], cwd=ROOT, env=desk.env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def main() -> None:
    """Make the rows."""
    import django

    django.setup()
    from dashboard.models import Person

    sam, kinds = Person.objects.get(username="sam"), list(_kinds())
    for hour, count in enumerate(BY_HOUR):
        states = ["accepted"] * count + [state for at, state in UNHAPPY.items() if at == hour]
        for place, state in enumerate(states):
            ago = timedelta(hours=len(BY_HOUR) - hour, minutes=-3 * place)
            _earlier(*kinds[(hour + place) % len(kinds)], sam, state, ago)


def _kinds() -> Iterator[tuple[Connection, Action, CatalogueItem]]:
    """What can be addressed: a connection, an action, an item of its catalogue."""
    from dashboard.models import Connection

    for connection in Connection.objects.order_by("pk"):
        for action in connection.vendor.actions:
            for item in connection.items.filter(kind=action.target_kind)[:2] if action.composed else ():
                yield connection, action, item


def _earlier(connection: Connection, action: Action, item: CatalogueItem, sam: Person, state: str, ago: timedelta) -> None:
    """One dispatch, that long before now."""
    from django.utils import timezone

    from tests import factories

    at = timezone.now() - ago
    columns: dict[str, Any] = {"action": action.key, "item": item, "target": item.key, "sentence": str(action.purpose)}
    columns |= {"created_at": at, "due_at": at, "settled_at": at + timedelta(seconds=1), "state": state, "attempts": 1}
    columns |= {"took_ms": 120 + int(ago.total_seconds()) * 37 % 160, "outcome_code": "sample"}
    columns |= {"said": "No such skill", "explanation": "The provider refused it."} if state == "rejected" else {}
    columns |= {"first_unanswered_at": at} if state == "in_doubt" else {}
    factories.dispatch(connection, sam, **columns)


if __name__ == "__main__":
    main()
