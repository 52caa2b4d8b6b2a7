"""Rows of every state in the database of a running desk: states that pass too quickly to be met, on connections that send nothing.

Run as a process of its own with the environment of that desk; prints what it made as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.browser.running import ROOT, RunningDesk

if TYPE_CHECKING:
    from dashboard.models import Connection, Dispatch, Person

ADDED = {"region": "custom", "api_url": "https://nobody.api.cc.vonage.com", "token_url": "https://nobody.auth.cc.vonage.com/token"}
LONG = 60
"""Dispatches that make the history longer than a page."""


def add(desk: RunningDesk) -> dict[str, Any]:
    """Add them; their references by state, and the arguments of addresses that only they have."""
    ran = subprocess.run([sys.executable, "-m", __name__], cwd=ROOT, env=desk.env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def main() -> None:
    """Make the rows."""
    import django

    django.setup()
    from dashboard.models import Person

    sam = Person.objects.get(username="sam")
    connection = _connection()
    made = {"states": _states(connection, sam), "preset": _preset(sam), "items": _items(), **_link()}
    sys.stdout.write(json.dumps(made))


def _connection() -> Connection:
    """A production connection without secrets, paused, so that no worker touches its rows."""
    from django.utils import timezone

    from tests import factories

    paused = {"paused_at": timezone.now(), "paused_by": "ada", "paused_reason": "The plan is being changed."}
    made = factories.connection("vonage", name="vcc-production", environment="production", undo_seconds=30, settings=ADDED, **paused)
    factories.item(made, "route", "Case Route")
    return made


def _states(connection: Connection, sam: Person) -> dict[str, str]:
    from django.utils import timezone

    from dashboard.choices import OPEN, State
    from tests import factories

    now, found = timezone.now(), {}
    for number in range(LONG):
        factories.dispatch(connection, sam, state=State.ACCEPTED, detail=f"case-{number}", settled_at=now, took_ms=number, attempts=1)
    for state in State:
        settled: dict[str, Any] = (
            {} if state in OPEN else {"settled_at": now, "took_ms": 212, "explanation": "The provider said so.", "attempts": 1}
        )
        due = now + timedelta(hours=1) if state == State.HELD else now
        row = factories.dispatch(connection, sam, state=state, due_at=due, scheduled=state == State.HELD, **settled)
        found[str(state)] = row.ref
    undoing = factories.dispatch(connection, sam, state=State.HELD, due_at=now + timedelta(minutes=50))
    suspended = factories.dispatch(connection, sam, state=State.HELD, due_at=now + timedelta(hours=2), scheduled=True, suspended=True)
    others = {"undo window": undoing.ref, "suspended": suspended.ref, "decided": _decided(connection, sam), "long": _long(connection, sam)}
    return found | others


def _long(connection: Connection, sam: Person) -> str:
    """A doubt whose every text is long and without a place to break."""
    from django.utils import timezone

    from dashboard.choices import State
    from tests import factories

    words: dict[str, Any] = {name: "WithoutAnyBreak" * 20 for name in ("target", "detail", "sentence", "said", "explanation", "advice")}
    words |= {"attempts": 12, "took_ms": 123_456, "settled_at": timezone.now()}
    row: Dispatch = factories.dispatch(connection, sam, state=State.IN_DOUBT, **words)
    return row.ref


def _decided(connection: Connection, sam: Person) -> str:
    """A doubt of two days ago that was found not to have arrived, so that it can be sent again."""
    from django.utils import timezone

    from dashboard.choices import Found, State
    from dashboard.models import Decision
    from tests import factories

    ago = timezone.now() - timedelta(days=2)
    row: Dispatch = factories.dispatch(connection, sam, state=State.IN_DOUBT, created_at=ago, first_unanswered_at=ago, settled_at=ago)
    Decision.objects.create(
        dispatch=row,
        found=Found.DID_NOT_ARRIVE,
        reason="Not in the portal.",
        decided_at=timezone.now(),
        decided_by=sam,
        decided_by_name="sam",
    )
    return row.ref


def _items() -> dict[str, int]:
    """One item of each kind, and an archived one."""
    from django.utils import timezone

    from dashboard.models import CatalogueItem, Connection
    from tests import factories

    archived = factories.item(Connection.objects.get(name="vonage-sandbox"), "skill", "Old skill")
    CatalogueItem.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
    found = {kind: pk for pk, kind in CatalogueItem.objects.filter(archived_at=None).order_by("-pk").values_list("pk", "kind")}
    return found | {"archived": archived.pk}


def _preset(sam: Person) -> str:
    from dashboard.models import Connection
    from dashboard.services import presets
    from dashboard.services.compose import open_sheet

    connection = Connection.objects.get(name="vonage-sandbox")
    sheet = open_sheet(connection=connection, action=connection.vendor.action("route"), ref="walk234567", person=sam)
    form = sheet.filled({"route": "Route Interaction NR", "name": "A case", "externalid": "case-1"})
    return str(presets.save(sheet=sheet, form=form, name="Escalate a case", shared=True, ask=["externalid"], by=sam).uid)


def _link() -> dict[str, Any]:
    """Somebody who was invited, with the link to choose a password."""
    from dashboard.roles import Role
    from dashboard.services import people

    person = people.add(username="ivy", name="Ivy Invited", roles=[Role.SUPERVISOR], time_zone="UTC", by="set-up")
    return {"link": people.make_link(person=person, by="set-up"), "person": person.pk}


if __name__ == "__main__":
    main()
