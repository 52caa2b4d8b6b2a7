"""The screens of the catalogue: who comes in, what each bad input says, what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.choices import Source, State
from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.queries import catalogue as queries
from dashboard.services import connections
from tests import factories

pytestmark = pytest.mark.django_db
ROUTES = "/catalogue/vonage/route/"
ROUTE = {
    "connection": "vcc-emea",
    "key": "Send SMS NR",
    "label": "",
    "description": "Texts the caller",
    "properties-0-key": "ToNum",
    "properties-0-label": "To",
    "properties-0-kind": "phone",
    "properties-0-required": "on",
}


def errors(response: Any, field: str) -> str:
    return " ".join(str(text) for text in response.context["entry"].errors.get(field, ["no error"]))


# --- who may --------------------------------------------------------------------------------------


def test_everybody_reads(as_sam: Client, as_ada: Client, as_ana: Client, client: Client, vcc: Connection) -> None:
    item = factories.item(vcc, "route", "Route A", properties=[{"key": "ToNum", "label": "To", "kind": "phone", "required": True}])
    for address in ("/catalogue/", ROUTES, f"/catalogue/items/{item.pk}/"):
        assert [reader.get(address).status_code for reader in (as_sam, as_ada, as_ana)] == [200, 200, 200]
        assert Client().get(address).status_code == 302


def test_supervisors_and_admins_write_auditors_do_not(as_sam: Client, as_ada: Client, as_ana: Client, vcc: Connection) -> None:
    item = factories.item(vcc, "route", "Route A")
    writes = [f"{ROUTES}add/", *(f"/catalogue/items/{item.pk}/{verb}/" for verb in ("change", "archive", "restore"))]
    writes.append("/catalogue/acoustic/message/fetch/")
    for address in writes:
        assert as_ana.post(address, ROUTE).status_code == 403
        assert Client().post(address, ROUTE).status_code == 401
        for writer in (as_sam, as_ada):
            assert writer.post(address, ROUTE).status_code in (302, 404, 422), address
    page = as_ana.get(f"/catalogue/items/{item.pk}/").content.decode()
    assert "Archive" not in page
    assert f"/catalogue/items/{item.pk}/change/" not in page
    assert "add/" not in as_ana.get(ROUTES).content.decode()


@pytest.mark.parametrize("verb", ["archive", "restore"])
def test_changes_are_never_made_by_get(as_sam: Client, vcc: Connection, verb: str) -> None:
    assert as_sam.get(f"/catalogue/items/{factories.item(vcc, 'route', 'A').pk}/{verb}/").status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/catalogue/nobody/route/",
        "/catalogue/vonage/nothing/",
        "/catalogue/vonage/nothing/add/",
        "/catalogue/items/999/",
        "/catalogue/vonage/skill/fetch/",
    ],
)
def test_what_is_not_there_is_not_found(as_sam: Client, address: str) -> None:
    assert as_sam.get(address).status_code == 404


# --- adding and changing ---------------------------------------------------------------------------


def test_a_route_with_its_properties_is_saved(as_sam: Client, vcc: Connection) -> None:
    page = as_sam.post(f"{ROUTES}add/", ROUTE, follow=True)
    row = CatalogueItem.objects.get()
    assert (row.connection, row.kind, row.key) == (vcc, "route", "Send SMS NR")
    assert row.data["properties"] == [{"key": "ToNum", "label": "To", "kind": "phone", "required": True}]
    assert "Send SMS NR was saved." in page.content.decode()


def test_the_only_connection_is_chosen_already(as_sam: Client, vcc: Connection) -> None:
    assert as_sam.get(f"{ROUTES}add/").context["entry"].choice["connection"].value() == "vcc-emea"
    factories.connection("vonage", name="vcc-apac")
    assert not as_sam.get(f"{ROUTES}add/").context["entry"].choice["connection"].value()
    assert as_sam.get(f"{ROUTES}add/?connection=vcc-apac").context["entry"].choice["connection"].value() == "vcc-apac"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("connection", "", "required"),
        ("connection", "no-such", "one of the connections in the list"),
        ("connection", "acoustic-one", "one of the connections in the list"),
        ("connection", "vcc-old", "one of the connections in the list"),
        ("key", "", "required"),
        ("key", "x" * 201, "at most 200 characters"),
        ("key", "zero\u200bwidth", "cannot be seen"),
        ("key", "send sms nr 2", "already; letter case makes no difference"),
        ("label", "x" * 201, "at most 200 characters"),
        ("properties-0-kind", "nonsense", "Row 1 needs attention"),
        ("properties-0-key", "", "Row 1 needs attention"),
    ],
)
def test_bad_input_is_said_and_saves_nothing(as_sam: Client, vcc: Connection, field: str, value: str, text: str) -> None:
    factories.connection("acoustic", name="acoustic-one")
    connections.archive(connection=factories.connection("vonage", name="vcc-old"), by="ada")
    factories.item(vcc, "route", "Send SMS NR 2")
    answer = as_sam.post(f"{ROUTES}add/", ROUTE | {field: value})
    assert answer.status_code == 422
    assert text in errors(answer, field.partition("-")[0])
    assert CatalogueItem.objects.count() == 1
    assert "Texts the caller" in answer.content.decode()


def test_rows_come_and_go_without_a_script_and_nothing_is_judged_or_saved(as_sam: Client, vcc: Connection) -> None:
    grown = as_sam.post(f"{ROUTES}add/", ROUTE | {"key": "", "add": "properties"})
    assert grown.status_code == 200
    form = grown.context["entry"].form
    assert [row["key"].value() or "" for row in form["properties"].rows] == ["ToNum", ""]
    assert (form["description"].value(), grown.context["entry"].choice["connection"].value()) == ("Texts the caller", "vcc-emea")
    assert not form.errors
    shrunk = as_sam.post(f"{ROUTES}add/", ROUTE | {"properties-1-key": "Message", "remove": "properties-0"})
    assert [row["key"].value() for row in shrunk.context["entry"].form["properties"].rows] == ["Message"]
    assert not CatalogueItem.objects.exists()


def test_rows_of_a_stored_item_can_be_taken_out(as_sam: Client, vcc: Connection) -> None:
    as_sam.post(f"{ROUTES}add/", ROUTE)
    row = CatalogueItem.objects.get()
    address = f"/catalogue/items/{row.pk}/change/"
    shown = as_sam.post(address, ROUTE | {"remove": "properties-0"})
    assert shown.context["entry"].form["properties"].rows == []
    without = {name: value for name, value in ROUTE.items() if not name.startswith("properties")}
    assert as_sam.post(address, without).status_code == 302
    row.refresh_from_db()
    assert "properties" not in row.data


def test_the_vendors_warning_is_shown_as_a_warning(as_sam: Client, vcc: Connection) -> None:
    page = as_sam.post(f"{ROUTES}add/", ROUTE | {"properties-0-key": "To Num"}, follow=True)
    assert CatalogueItem.objects.get().data["properties"][0]["key"] == "To Num"
    assert "space" in str(page.context["cautions"][0].text)
    assert str(page.context["cautions"][0].text)[:30] in page.content.decode()


def test_a_name_in_history_is_locked_and_the_page_says_why(as_sam: Client, vcc: Connection, sam: Person) -> None:
    row = factories.item(vcc, "route", "Route A")
    factories.dispatch(vcc, sam, item=row, detail="Case 40a4b50f")
    page = as_sam.get(f"/catalogue/items/{row.pk}/")
    assert page.context["entry"].form.fields["key"].disabled
    assert "History names it" in page.content.decode()
    as_sam.post(f"/catalogue/items/{row.pk}/change/", {"key": "Route B", "label": "The first"})
    row.refresh_from_db()
    assert (row.key, row.label) == ("Route A", "The first")


def test_the_page_says_where_an_item_was_used(as_sam: Client, vcc: Connection, sam: Person) -> None:
    row = factories.item(vcc, "route", "Route A")
    made = [factories.dispatch(vcc, sam, item=row, detail=f"Case {number}") for number in range(12)]
    factories.dispatch(vcc, sam)
    page = as_sam.get(f"/catalogue/items/{row.pk}/")
    assert "12 dispatches" in page.content.decode()
    assert [dispatch.ref for dispatch in page.context["use"].latest] == [dispatch.ref for dispatch in reversed(made[2:])]
    assert reverse("dispatch", args=[made[-1].ref]) in page.content.decode()


def test_the_composer_is_one_link_away_for_who_may_compose(as_sam: Client, as_ada: Client, vcc: Connection) -> None:
    row = factories.item(vcc, "route", "Route A")
    link = f"/compose/vcc-emea/route/?item={row.pk}"
    assert link in as_sam.get(f"/catalogue/items/{row.pk}/").content.decode()
    assert link not in as_ada.get(f"/catalogue/items/{row.pk}/").content.decode()


# --- archiving ------------------------------------------------------------------------------------


def test_archived_items_stay_readable_and_can_come_back(as_sam: Client, vcc: Connection, sam: Person) -> None:
    row = factories.item(vcc, "route", "Route A")
    dispatch = factories.dispatch(vcc, sam, item=row)
    page = as_sam.post(f"/catalogue/items/{row.pk}/archive/", follow=True).content.decode()
    assert "history keeps it" in page
    assert "/change/" not in page
    assert as_sam.post(f"/catalogue/items/{row.pk}/change/", ROUTE).status_code == 404
    assert Dispatch.objects.get(pk=dispatch.pk).item == row
    assert as_sam.post(f"/catalogue/items/{row.pk}/restore/", follow=True).status_code == 200
    row.refresh_from_db()
    assert row.archived_at is None


def test_facts_are_told_in_the_forms_words(vcc: Connection) -> None:
    row = factories.item(vcc, "route", "Route A", properties=[{"key": "ToNum", "kind": "phone", "required": True}], description="Texts")
    told = {fact.label: fact.text or fact.rows for fact in queries.facts(row)}
    assert told["Description"] == "Texts"
    assert told["Properties that the plan expects"] == ("Key: ToNum, Kind: Telephone number, Required: ✓",)


# --- kinds that are saved at the vendor --------------------------------------------------------------


REGISTERED = "/catalogue/vonage/registered_provider/add/"
CRM = {
    "connection": "vcc-emea",
    "key": "CrmIntegration",
    "label": "",
    "endpoint": "https://crm.example.com/vcc",
    "headers-0-name": "Authorization",
    "headers-0-value": "Bearer SENTINEL-9f2c41",
    "release": "on",
}


def test_saving_a_registered_provider_makes_a_dispatch(as_ada: Client, ada: Person, vcc: Connection) -> None:
    page = as_ada.post(REGISTERED, CRM, follow=True)
    row, dispatch = CatalogueItem.objects.get(), Dispatch.objects.get()
    assert (dispatch.item, dispatch.source, dispatch.state, dispatch.created_by) == (row, Source.CATALOGUE, State.QUEUED, ada)
    values = dispatch.command().values
    assert (values["provider"], values["endpoint"]) == ("CrmIntegration", "https://crm.example.com/vcc")
    assert values["headers"] == {"Authorization": "Bearer SENTINEL-9f2c41"}
    assert "on its way to the provider" in page.content.decode()
    assert reverse("dispatch", args=[dispatch.ref]) in page.content.decode()


def test_its_header_values_are_not_kept_in_the_catalogue(as_ada: Client, vcc: Connection) -> None:
    page = as_ada.post(REGISTERED, CRM, follow=True)
    assert "SENTINEL" not in str(CatalogueItem.objects.get().data)
    assert "SENTINEL" not in page.content.decode()


def test_saving_it_again_registers_it_again(as_sam: Client, vcc: Connection) -> None:
    as_sam.post(REGISTERED, CRM)
    row = CatalogueItem.objects.get()
    again = {name: value for name, value in CRM.items() if name not in ("connection", "key")} | {"hold": "on"}
    assert as_sam.post(f"/catalogue/items/{row.pk}/change/", again).status_code == 302
    first, second = Dispatch.objects.order_by("id")
    assert (first.item, second.item) == (row, row)
    assert second.command().values["provider"] == "CrmIntegration"
    assert second.command().values["agentactionspermitted"]["hold"] == 1
    assert as_sam.get(f"/catalogue/items/{row.pk}/").context["saving"] == second


def test_nothing_is_saved_when_it_cannot_be_sent(as_sam: Client, vcc: Connection) -> None:
    connections.pause(connection=vcc, reason="Maintenance", by="ada")
    answer = as_sam.post(REGISTERED, CRM)
    assert (answer.status_code, b"Maintenance" in answer.content) == (422, True)
    assert not CatalogueItem.objects.exists()
    assert not Dispatch.objects.exists()
