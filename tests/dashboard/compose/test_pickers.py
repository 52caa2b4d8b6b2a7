"""Choosing from a catalogue of any size: look-ups, searches, what the form shows of it, and that all of it costs the same."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import CatalogueItem, Connection
from dashboard.services.lookups import StoredCatalogue
from providers.fields import Catalogue, HeldCatalogue
from providers.types import Item
from tests import factories
from tests.dashboard.compose.forms import Composer
from tests.dashboard.compose.terminal import compose

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SKILLS = (
    Item("billing", "Billing"),
    Item("German"),
    Item("müller", "Herr Müller"),
    Item("noon-1", "Noon"),
    Item("noon-2", "NOON"),
    Item("o-1", "Öl"),
    Item("o-2", "ÖL"),
    Item("old", "Sales", archived=True),
    Item("sales-1", "Sales"),
    Item("twin-1", "Twins"),
    Item("twin-2", "Twins"),
    Item("vip", "German"),
    Item("100%", "Always_there"),
)
"""In the order of their keys, so that both catalogues have the same."""
MANY = 10_000


def stored(vcc: Connection, *items: Item) -> StoredCatalogue:
    rows = [CatalogueItem(connection=vcc, kind="skill", key=one.key, label=one.label, data=dict(one.data)) for one in items]
    for row, one in zip(rows, items, strict=True):
        row.archived_at = vcc.created_at if one.archived else None
    CatalogueItem.objects.bulk_create(rows)
    return StoredCatalogue(vcc)


@pytest.fixture
def vcc() -> Connection:
    """A connection without a catalogue."""
    return factories.connection("vonage", name="vcc-emea")


@pytest.fixture(params=["held", "stored"])
def skills(request: pytest.FixtureRequest, vcc: Connection) -> Catalogue:
    """The same catalogue in memory and in the database."""
    return HeldCatalogue({"skill": SKILLS}) if request.param == "held" else stored(vcc, *SKILLS)


class TestLookingUp:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("billing", "billing"),
            ("BILLING", "billing"),
            ("Billing", "billing"),
            ("Herr Müller", "müller"),
            ("MÜLLER", "müller"),
            ("herr müller", "müller"),
            ("HERR MÜLLER", "müller"),
            ("Sales", "sales-1"),
            ("SALES", "sales-1"),
            ("Noon", "noon-1"),
            ("NOON", "noon-2"),
            ("noon", None),
            ("Öl", "o-1"),
            ("ÖL", "o-2"),
            ("öl", None),
            ("ALWAYS_THERE", "100%"),
            ("always%there", None),
            ("OLD", "old"),
            ("Twins", None),
            ("twins", None),
            ("TWINS", None),
            ("German", "German"),
            ("100%", "100%"),
            ("1000", None),
            ("", None),
            ("nul\0", None),
            ("\ud800", None),
            ("x" * 300, None),
        ],
    )
    def test_a_text_names_a_key_or_a_label_that_is_alone(self, skills: Catalogue, text: str, key: str | None) -> None:
        found = skills.named("skill", [text]).get(text)
        assert (found.key if found else None) == key
        assert skills.named("agent", [text]) == {}

    def test_many_texts_are_looked_up_together_and_once(self, vcc: Connection) -> None:
        catalogue = stored(vcc, *SKILLS)
        with CaptureQueriesContext(database) as queries:
            found = catalogue.named("skill", ["billing", "Sales", "unknown", "vip"])
            again = catalogue.named("skill", ["vip", "unknown"])
        assert {text: item.key for text, item in found.items()} == {"billing": "billing", "Sales": "sales-1", "vip": "vip"}
        assert (list(again), len(queries)) == (["vip"], 2)

    def test_another_connections_items_are_none_of_its_own(self, vcc: Connection) -> None:
        stored(vcc, *SKILLS)
        other = StoredCatalogue(factories.connection("vonage"))
        assert (other.named("skill", ["vip", "Billing"]), other.first("skill", 5), other.search("skill", "vip", 5).items) == ({}, [], [])


class TestSearching:
    @pytest.mark.parametrize(
        ("text", "keys"),
        [
            ("ill", ["billing"]),
            ("TWIN", ["twin-1", "twin-2"]),
            ("ger", ["German", "vip"]),
            ("MÜL", ["müller"]),
            ("r m", ["müller"]),
            ("sales", ["sales-1"]),
            ("%", ["100%"]),
            ("s_t", ["100%"]),
            ("zzz", []),
        ],
    )
    def test_a_text_is_found_anywhere_in_key_or_label(self, skills: Catalogue, text: str, keys: list[str]) -> None:
        assert [item.key for item in skills.search("skill", text, 10).items] == keys

    def test_what_begins_with_it_comes_first(self, skills: Catalogue) -> None:
        found = skills.search("skill", "s", 3)
        assert found.items[0].key == "sales-1"
        assert (len(found.items), found.more) == (3, 1)

    def test_the_first_are_those_in_use(self, skills: Catalogue) -> None:
        assert {item.key for item in skills.first("skill", 20)} == {item.key for item in SKILLS if not item.archived}
        assert len(skills.first("skill", 3)) == 3


# --- the address that suggests --------------------------------------------------------------------


def grow(vcc: Connection, size: int) -> None:
    """So many routes, skills and agents, those that there are counted."""
    plan = {"properties": [{"key": "note", "kind": "text", "label": "A note"}]}
    for kind, data in (("route", plan), ("skill", {}), ("agent", {})):
        numbers = range(vcc.items.filter(kind=kind).count(), size)
        rows = (CatalogueItem(connection=vcc, kind=kind, key=f"{kind}-{n:05}", label=f"The {kind} {n:05} here", data=data) for n in numbers)
        CatalogueItem.objects.bulk_create(rows, batch_size=1_000)


def options(page: str) -> list[tuple[str, str]]:
    return re.findall('<option value="([^"]*)">([^<]*)</option>', page)


def test_what_is_suggested_for_a_text(as_sam: Client, vcc: Connection) -> None:
    grow(vcc, 200)
    factories.item(vcc, "route", "<b>")
    address = "/compose/vcc-emea/suggestions/route/"
    named = as_sam.get(address, {"q": "ROUTE 0017"}).content.decode()
    assert options(named) == [(f"The route 0017{n} here", f"route-0017{n}") for n in range(10)]
    assert "more" not in named
    assert options(as_sam.get(address, {"q": "00177", "by": "key"}).content.decode()) == [("route-00177", "The route 00177 here")]
    many = as_sam.get(address, {"q": "here"}).content.decode()
    assert (len(options(many)), "and 150 more: keep typing" in many) == (50, True)
    assert "Nothing in the catalogue fits." in as_sam.get(address, {"q": "zzz"}).content.decode()
    assert "Nothing" not in as_sam.get(address, {"q": "zzz", "by": "key"}).content.decode()
    assert len(options(as_sam.get(address).content.decode())) == 50
    assert "&lt;b&gt;" in as_sam.get(address, {"q": "<b"}).content.decode()


def test_an_item_is_suggested_by_its_key_where_its_label_would_mislead(as_sam: Client, vcc: Connection) -> None:
    stored(vcc, *SKILLS)
    found = dict(options(as_sam.get("/compose/vcc-emea/suggestions/skill/").content.decode()))
    assert (found["twin-1"], found["twin-2"], found["vip"], found["German"]) == ("Twins", "Twins", "German", "")
    assert (found["Billing"], found["Sales"]) == ("billing", "sales-1")


def test_only_kinds_of_that_provider_are_suggested(as_sam: Client, vcc: Connection) -> None:
    assert as_sam.get("/compose/vcc-emea/suggestions/message/").status_code == 404
    assert as_sam.get("/compose/nowhere/suggestions/route/").status_code == 404


# --- the form -------------------------------------------------------------------------------------


def test_all_rows_share_one_list_and_the_first_row_yet_to_come_has_it(as_sam: Client, vcc: Connection) -> None:
    grow(vcc, 30)
    route = Composer(as_sam, vcc)
    data = route.open()
    assert route.page.count('<datalist id="suggested_skill_keys"') == 1
    for _row in range(3):
        data = route.read(route.post(data, add="skills"))
    assert route.page.count('<datalist id="suggested_skill_keys"') == 1
    assert route.page.count('list="suggested_skill_keys"') == 3


def test_what_the_catalogue_does_not_know_is_sent_as_typed_and_said(as_sam: Client, vcc: Connection) -> None:
    grow(vcc, 3)
    route = Composer(as_sam, vcc)
    data = {**route.open(), "route": "route-00001", "skills-0-name": "Kitchen", "skills-1-name": "skill-00002"}
    page = route.preview(data)
    said = re.findall('data-beside="([^"]*)"><dt>([^<]*)</dt><dd>([^<]*)', page)
    assert ("id_skills-0-name", "Skills 1, Skill", "Not in the catalogue; sent as typed.") in said
    assert ("id_skills-1-name", "Skills 2, Skill", "The skill 00002 here ") in said
    assert "Kitchen" in page
    CatalogueItem.objects.filter(kind="skill").delete()
    assert "Not in the catalogue" not in route.preview(data)


def test_the_schema_names_some_of_many_choices_and_says_that_there_are_more(vcc: Connection) -> None:
    grow(vcc, 60)
    found = {field["name"]: field for field in json.loads(compose("vonage.route", "--connection", "vcc-emea", "--schema").out)["fields"]}
    assert (len(found["route"]["choices"]), found["route"]["has_further_choices"]) == (50, True)
    assert "has_further_choices" not in found["provider"]


# --- cost -----------------------------------------------------------------------------------------


def filled(route: Composer, size: int, rows: int) -> dict[str, str]:
    """A form that chooses the last item of each kind by its label."""
    last = f"{size - 1:05}"
    skills = {f"skills-{n}-name": f"skill-{n:05}" for n in range(rows)}
    agent = {"agent": f"The agent {last} here", "loggedintimeout": "30", "loggedouttimeout": "30"}
    return {**route.open(), "route": f"The route {last} here", **skills, **agent}


def test_ten_items_cost_as_many_queries_as_ten_thousand(as_sam: Client, vcc: Connection) -> None:
    """But for two: where a route is typed and not chosen from a list, it is made sure that each name suggested leads back to its route."""
    route, pages, previews, sizes = Composer(as_sam, vcc), {}, {}, {}
    for size in (10, 60, MANY):
        grow(vcc, size)
        for rows in (1, 8):
            data = filled(route, size, rows)
            with CaptureQueriesContext(database) as queries:
                assert f"route-{size - 1:05}" in route.preview(data)
            previews[size, rows] = len(queries)
        with CaptureQueriesContext(database) as queries:
            route.open()
        pages[size], sizes[size] = len(queries), len(route.page)
    assert pages == {10: 10, 60: 12, MANY: 12}
    assert set(previews.values()) == {13}
    assert sizes[MANY] <= 1.2 * sizes[60]


def test_any_of_ten_thousand_is_chosen_without_a_script(as_sam: Client, vcc: Connection) -> None:
    grow(vcc, MANY)
    route = Composer(as_sam, vcc)
    data = {**route.open(), "route": "The route 09123 here"}
    shaped = route.read(route.post(data, intent="reshape"))
    assert (shaped["route"], shaped["property:note"]) == ("The route 09123 here", "")
    assert route.post({**shaped, "route": "ROUTE-09123", "property:note": "x"}, intent="send").status_code == 303
