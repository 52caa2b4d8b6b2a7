"""The lists of the catalogue: what each kind teaches while empty, filters, pages."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import CatalogueItem, Connection
from dashboard.services import catalogue
from providers.registry import PROVIDERS
from tests import factories

pytestmark = pytest.mark.django_db
KINDS = [(provider.key, kind.key) for provider in PROVIDERS.values() for kind in provider.catalogue]
SKILLS = "/catalogue/vonage/skill/"


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_every_kind_teaches_while_it_is_empty(as_sam: Client, provider: str, kind: str) -> None:
    declared = PROVIDERS[provider].kind(kind)
    page = as_sam.get(f"/catalogue/{provider}/{kind}/")
    assert str(declared.teaches) in page.context["kind"].teaches
    assert "First an admin adds a connection" in page.content.decode()
    factories.connection(provider)
    page = as_sam.get(f"/catalogue/{provider}/{kind}/")
    assert f"/catalogue/{provider}/{kind}/add/" in page.content.decode()
    assert as_sam.get(f"/catalogue/{provider}/{kind}/add/").status_code == 200


def test_the_index_counts(as_sam: Client, vcc: Connection) -> None:
    for key in ("a", "b", "c"):
        row = factories.item(vcc, "skill", key)
    catalogue.archive(item=row, by="sam")
    sections = {section.provider.key: section for section in as_sam.get("/catalogue/").context["sections"]}
    shelf = next(shelf for shelf in sections["vonage"].shelves if shelf.kind.key == "skill")
    assert (shelf.live, shelf.archived, sections["vonage"].connections) == (2, 1, 1)


@pytest.fixture
def stocked(vcc: Connection) -> Connection:
    other = factories.connection("vonage", name="vcc-apac")
    factories.item(vcc, "skill", "Billing")
    CatalogueItem.objects.create(connection=other, kind="skill", key="DE", label="German speaking")
    catalogue.archive(item=factories.item(vcc, "skill", "Fax"), by="sam")
    factories.item(vcc, "agent", "billing.agent")
    return vcc


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["DE", "Billing"]),
        ("?q=bill", ["Billing"]),
        ("?q=german", ["DE"]),
        ("?q=nothing", []),
        ("?connection=vcc-apac", ["DE"]),
        ("?connection=no-such", ["DE", "Billing"]),
        ("?show=archived", ["Fax"]),
        ("?show=all", ["Fax", "DE", "Billing"]),
        ("?show=all&q=f&connection=vcc-emea", ["Fax"]),
        ("?show=nonsense&before=x", ["DE", "Billing"]),
    ],
)
def test_lists_are_filtered(as_sam: Client, stocked: Connection, query: str, found: list[str]) -> None:
    page = as_sam.get(f"{SKILLS}{query}")
    assert [row.key for row in page.context["page"].rows] == found
    assert ("Nothing matches" in page.content.decode()) == (not found)


def test_long_lists_are_paged_by_key(as_sam: Client, vcc: Connection) -> None:
    CatalogueItem.objects.bulk_create(CatalogueItem(connection=vcc, kind="skill", key=f"skill {number}") for number in range(120))
    address, seen = f"{SKILLS}?q=skill", []
    while address:
        page = as_sam.get(address).context["page"]
        seen += [row.key for row in page.rows]
        address = f"{SKILLS}{page.older}" if page.older else ""
    assert seen == [f"skill {number}" for number in reversed(range(120))]
