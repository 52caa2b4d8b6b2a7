"""What the pages cost in queries: the same with 10 rows and with 10,000."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = {
    "/connections/": 10,
    "/connections/vcc-emea/": 11,
    "/connections/vcc-emea/health/": 9,
    "/connections/vcc-emea/secrets/": 5,
    "/connections/vcc-emea/edit/": 5,
    "/catalogue/": 5,
    "/catalogue/vonage/skill/": 7,
    "/catalogue/items/{item}/": 7,
}


def fill(connection: Connection, by: Person, item: CatalogueItem, count: int) -> None:
    """So many dispatches to one item, and so many skills."""
    pattern = factories.dispatch(connection, by, item=item, state="queued")
    rows = []
    for number in range(count - 1):
        row = Dispatch(**{field.attname: getattr(pattern, field.attname) for field in Dispatch._meta.concrete_fields if field.name != "id"})
        row.ref = row.submission = row.key = f"{pattern.pk}x{number}"
        rows.append(row)
    Dispatch.objects.bulk_create(rows, batch_size=500)
    skills = [CatalogueItem(connection=connection, kind="skill", key=f"skill {pattern.pk} {number}") for number in range(count)]
    CatalogueItem.objects.bulk_create(skills, batch_size=500)


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(database) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_pages_cost_the_same_at_10_and_at_10_000_rows(as_ada: Client, ada: Person) -> None:
    vcc = factories.connection("vonage", name="vcc-emea")
    item = factories.item(vcc, "skill", "Billing")
    addresses = {page: page.format(item=item.pk) for page in PAGES}
    fill(vcc, ada, item, 10)
    as_ada.get("/connections/")
    few: dict[str, Any] = {page: cost(as_ada, address) for page, address in addresses.items()}
    fill(vcc, ada, item, 10_000)
    many = {page: cost(as_ada, address) for page, address in addresses.items()}
    assert many == few == PAGES
