"""What the pages of dispatches, people and the trail cost in queries: the same with 10 rows and with 10,000."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Person, Preset, Reference
from dashboard.services import presets
from dashboard.services.compose import open_sheet
from providers.types import Command
from tests import factories

pytestmark = pytest.mark.django_db
SAM = {
    "/": 21,
    "/overview/figures/?span=30d": 21,
    "/history/": 6,
    "/history/?provider=vonage&outcome=accepted&span=7d": 6,
    "/history/?connection=vcc-emea&by=sam": 6,
    "/history/?q=case-1": 7,
    "/dispatches/{ref}/": 7,
    "/dispatches/{ref}/live/": 7,
    "/doubts/": 5,
    "/scheduled/": 4,
    "/compose/": 6,
    "/compose/vcc-emea/route/": 10,
    "/compose/again/{ref}/": 12,
    "/presets/": 4,
    "/presets/{preset}/": 12,
    "/account/": 4,
}
ADA = {"/people/": 4, "/people/{person}/": 4, "/audit/": 4, "/audit/?who=sam&what=dispatch": 4, "/connections/stop/": 4}
STATES = (State.ACCEPTED, State.ACCEPTED, State.REJECTED, State.NOT_SENT, State.IN_DOUBT, State.HELD, State.QUEUED, State.WAITING)


@pytest.fixture
def vcc(db: None) -> Connection:
    made = factories.connection("vonage", name="vcc-emea")
    factories.item(made, "route", "Route Interaction NR")
    return made


def fill(vcc: Connection, sam: Person, count: int) -> Dispatch:
    """So many dispatches of every state with an id each, people, events and presets; the newest accepted one."""
    route = CatalogueItem.objects.get(kind="route", key="Route Interaction NR")
    pattern = factories.dispatch(vcc, sam, item=route, settled_at=timezone.now(), took_ms=20)
    pattern.seal_command(Command(action=pattern.action, key=pattern.key, values={"route": route.key}))
    pattern.save()
    fields = [field.attname for field in Dispatch._meta.concrete_fields if field.name != "id"]
    states, rows = cycle(STATES), []
    for number in range(count):
        row = Dispatch(**{name: getattr(pattern, name) for name in fields})
        row.ref = row.submission = row.key = f"{pattern.pk}x{number}"
        row.state = next(states)
        row.scheduled = row.state == State.HELD
        row.created_at -= timedelta(minutes=number)
        rows.append(row)
    made = Dispatch.objects.bulk_create(rows, batch_size=500)
    Reference.objects.bulk_create(
        [Reference(dispatch=row, kind="external_id", value=f"case-{row.ref}", folded=f"case-{row.ref}") for row in made], batch_size=1000
    )
    Person.objects.bulk_create([Person(username=f"p{pattern.pk}x{number}", password="x") for number in range(count)], batch_size=500)
    event = {"actor": sam, "actor_name": "sam", "action": "dispatch.sent", "at": timezone.now()}
    AuditEvent.objects.bulk_create([AuditEvent(**event) for _number in range(count)], batch_size=500)
    return pattern


def keep(vcc: Connection, sam: Person, name: str) -> Preset:
    sheet = open_sheet(connection=vcc, action=vcc.vendor.action("route"), ref="qrs2345678", person=sam)
    return presets.save(sheet=sheet, form=sheet.filled({"route": "Route Interaction NR"}), name=name, shared=True, ask=[], by=sam)


def costs(client: Client, pages: dict[str, int], **named: object) -> dict[str, int]:
    """Queries of each page."""
    found = {}
    for page in pages:
        with CaptureQueriesContext(database) as queries:
            assert client.get(page.format(**named)).status_code == 200
        found[page] = len(queries)
    return found


def test_pages_cost_the_same_at_10_and_at_10_000_rows(as_sam: Client, as_ada: Client, sam: Person, vcc: Connection) -> None:
    preset, measured = keep(vcc, sam, "First").uid, []
    for count in (10, 10_000):
        ref = fill(vcc, sam, count).ref
        as_sam.get("/")
        as_ada.get("/audit/")
        named = {"ref": ref, "preset": preset, "person": sam.pk}
        measured.append(costs(as_sam, SAM, **named) | costs(as_ada, ADA, **named))
    few, many = measured
    assert many == few
    assert few == SAM | ADA


def test_a_list_of_presets_costs_the_same_however_long(as_sam: Client, sam: Person, vcc: Connection) -> None:
    keep(vcc, sam, "First")
    as_sam.get("/presets/")
    few = costs(as_sam, {"/presets/": 4, "/compose/": 6})
    for number in range(40):
        keep(vcc, sam, f"Preset {number}")
    assert costs(as_sam, {"/presets/": 4, "/compose/": 6}) == few
