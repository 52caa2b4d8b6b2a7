"""`make bench-pages`: what the server needs for each page, with few rows and many, as a multiple of a bare Django view.

The rows are dispatches and catalogue items; of a kind of item there are 10,000 at most. The bare view is /healthz, measured in the same
run, through the same middleware, between the pages. ROWS= changes how many are many, TIMES= how often each page is measured. The medians
are printed; nothing is judged.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from statistics import median

import tests.environment  # noqa: F401 (the settings)

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Person, Reference
from providers.types import Command
from tests import factories

FEW = 10
MANY = int(os.environ.get("ROWS", "100000"))
TIMES = int(os.environ.get("TIMES", "15"))
MOST_ITEMS = 10_000
"""Items of a kind that the largest catalogue holds."""
BARE = "/healthz"
STATES = ("accepted",) * 90 + ("rejected",) * 5 + ("not_sent",) * 3 + ("in_doubt",) + ("held",)
PAGES = {
    "overview, 24 hours": "/",
    "overview, 30 days": "/?span=30d",
    "overview, renewed": "/overview/figures/",
    "history": "/history/",
    "history, filtered": "/history/?provider=vonage&outcome=rejected&span=7d",
    "history, by a rare outcome": "/history/?outcome=in_doubt",
    "history, one maker's": "/history/?by=sam",
    "history, an id": "/history/?q=case-7",
    "history, a beginning": "/history/?q=case",
    "history, nothing found": "/history/?q=nothing",
    "history, far back": "/history/?before={middle}",
    "a dispatch": "/dispatches/{ref}/",
    "in doubt": "/doubts/",
    "scheduled": "/scheduled/",
    "compose: choose": "/compose/",
    "compose: form": "/compose/vcc-emea/route/",
    "compose: form with a preview": "/compose/vcc-emea/route/?route=Desk+00007+of+route&agent=agent-00007",
    "compose: a search": "/compose/vcc-emea/suggestions/route/?q=7+of",
    "compose: again": "/compose/again/{ref}/",
    "presets": "/presets/",
    "named routes": "/catalogue/vonage/route/",
    "a named route": "/catalogue/items/{item}/",
    "connections": "/connections/",
    "a connection": "/connections/vcc-emea/",
    "people": "/people/",
    "audit trail": "/audit/",
}


def main() -> None:
    """Fill, measure, fill, measure, print."""
    setup_test_environment()
    call_command("collectstatic", interactive=False, verbosity=0)
    made = setup_databases(verbosity=0, interactive=False)
    try:
        report()
    finally:
        teardown_databases(made, verbosity=0)


def report() -> None:
    """Measure at both sizes and print the table."""
    person = factories.person("sam", supervisor=True, admin=True, auditor=True)
    connection = factories.connection("vonage", name="vcc-emea")
    factories.item(connection, "route", "Route Interaction NR")
    columns = {}
    for size in (FEW, MANY):
        fill(connection, person, size)
        columns[size] = measured(signed_in(person), places())
    say(f"{'page':30}{f'{FEW:,} rows':>24}{f'{MANY:,} rows':>26}   ratio")
    for name in PAGES:
        few, many = columns[FEW][name], columns[MANY][name]
        say(f"{name:30}{shown(few):>24}{shown(many):>26}   {many[0] / few[0]:.1f}")


def shown(found: tuple[float, float]) -> str:
    """Milliseconds, and how many bare views that is."""
    return f"{found[0] * 1000:8.1f} ms = {found[0] / found[1]:5.1f} bare"


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# --- rows -----------------------------------------------------------------------------------------


def fill(connection: Connection, person: Person, count: int) -> None:
    """So many dispatches over 60 days with an id each, and as many events in the trail."""
    item = CatalogueItem.objects.get(kind="route", key="Route Interaction NR")
    grow(connection, min(count, MOST_ITEMS))
    rows = dispatches(pattern(connection, person, item), count)
    while made := Dispatch.objects.bulk_create(islice(rows, 5000), batch_size=500):
        ids = [Reference(dispatch=row, kind="external_id", value=f"case-{row.pk}", folded=f"case-{row.pk}") for row in made]
        Reference.objects.bulk_create(ids, batch_size=2000)
        event = {"actor": person, "actor_name": "sam", "action": "dispatch.sent"}
        AuditEvent.objects.bulk_create([AuditEvent(at=row.created_at, **event) for row in made], batch_size=1000)


def grow(connection: Connection, size: int) -> None:
    """So many routes, skills and agents, those that there are counted."""
    for kind in ("route", "skill", "agent"):
        numbers = range(connection.items.filter(kind=kind).count() - (kind == "route"), size)
        rows = [CatalogueItem(connection=connection, kind=kind, key=f"{kind}-{n:05}", label=f"Desk {n:05} of {kind}") for n in numbers]
        CatalogueItem.objects.bulk_create(rows, batch_size=500)


def pattern(connection: Connection, person: Person, item: CatalogueItem) -> Dispatch:
    """A dispatch that is complete."""
    row = factories.dispatch(connection, person, item=item)
    row.seal_command(Command(action=row.action, key=row.key, values={"route": "Route Interaction NR"}))
    row.save()
    return row


def dispatches(like: Dispatch, count: int) -> Iterator[Dispatch]:
    """Oldest first, in the proportions of STATES."""
    names = [field.attname for field in Dispatch._meta.concrete_fields if field.name != "id"]
    for number in range(count):
        row = Dispatch(**{name: getattr(like, name) for name in names})
        row.ref = row.submission = row.key = f"{like.pk}x{number}"
        row.state = STATES[number % len(STATES)]
        row.scheduled, row.took_ms = row.state == "held", 20 + number % 400
        row.created_at = like.created_at - timedelta(days=60) * (1 - number / count)
        row.settled_at = row.created_at
        yield row


# --- measuring ------------------------------------------------------------------------------------


def signed_in(person: Person) -> Client:
    """A browser without a network."""
    client = Client()
    client.force_login(person)
    return client


def places() -> dict[str, str]:
    """The addresses of PAGES for the rows that there are."""
    whole = Dispatch.objects.filter(ref__startswith="r").order_by("-pk")[0]
    named = {
        "ref": whole.ref,
        "middle": (Dispatch.objects.order_by("-pk")[0].pk + 1) // 2,
        "item": CatalogueItem.objects.get(kind="route", key="Route Interaction NR").pk,
    }
    return {name: address.format(**named) for name, address in PAGES.items()}


def measured(client: Client, addresses: dict[str, str]) -> dict[str, tuple[float, float]]:
    """The median seconds of each page and of the bare view beside it."""
    found = {}
    for name, address in addresses.items():
        took(client, address)
        pairs = [(took(client, address), took(client, BARE)) for _time in range(TIMES)]
        found[name] = (median(page for page, _bare in pairs), median(bare for _page, bare in pairs))
    return found


def took(client: Client, address: str) -> float:
    """Seconds of one answer."""
    begin = time.perf_counter()
    assert client.get(address).status_code == 200, address
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
