"""The form: what it starts with, what it keeps, what it says; every step as a plain POST without JavaScript."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.services.refs import new_ref
from tests import factories
from tests.dashboard.compose.forms import FILLED, Composer


def test_a_fresh_form_suggests_ids_of_its_own(route: Composer) -> None:
    first, second = route.open(), route.open()
    assert first["requestid"] != second["requestid"]
    assert first["externalid"].startswith("desk-")
    assert first["desk-token"] != second["desk-token"]


def test_it_names_the_connection_and_its_environment(as_sam: Client, ccai: Connection) -> None:
    Connection.objects.filter(pk=ccai.pk).update(environment="production")
    page = Composer(as_sam, ccai)
    page.open()
    assert 'class="split composer production"' in page.page
    assert "care-us" in page.page
    assert "Production" in page.page


def test_values_in_the_address_start_the_form(route: Composer) -> None:
    data = route.open("?route=SendSMS&name=Case+7&requestid=mine&nonsense=1")
    assert (data["route"], data["name"], data["requestid"]) == ("SendSMS", "Case 7", "mine")
    assert "nonsense" not in data


def test_an_item_of_another_connection_starts_nothing(route: Composer, ccai: Connection) -> None:
    foreign = CatalogueItem.objects.filter(connection=ccai, kind="number").earliest("pk")
    assert route.open(f"?item={foreign.pk}").get("route", "") == ""
    assert route.open("?item=1x").get("route", "") == ""


@pytest.mark.parametrize("path", ["vcc-emea/register/", "vcc-emea/nothing/", "nowhere/route/"])
def test_what_nobody_composes_is_not_found(as_sam: Client, vonage: Connection, path: str) -> None:
    assert as_sam.get(f"/compose/{path}").status_code == 404
    assert as_sam.post(f"/compose/{path}").status_code == 404
    assert as_sam.post(f"/compose/{path}preview/").status_code == 404


@pytest.mark.parametrize("who", ["as_ada", "as_ana"])
def test_only_supervisors_compose(who: str, request: pytest.FixtureRequest, vonage: Connection) -> None:
    browser: Client = request.getfixturevalue(who)
    for path in ("/compose/", "/compose/paste/", "/compose/again/abc/", "/compose/vcc-emea/route/", "/presets/"):
        assert browser.get(path).status_code == 403
    answer = browser.post("/compose/vcc-emea/route/", {**FILLED["vonage"], "intent": "send"})
    assert answer.status_code == 403
    assert not Dispatch.objects.exists()


def test_without_a_session_nothing_is_composed(client: Client, vonage: Connection) -> None:
    assert client.get("/compose/vcc-emea/route/").status_code == 302
    answer = client.post("/compose/vcc-emea/route/", {**FILLED["vonage"], "intent": "send"})
    assert answer.status_code == 401
    assert not Dispatch.objects.exists()


# --- rows and shapes without JavaScript ---------------------------------------------------------


def test_rows_are_added_and_removed_and_everything_else_stays(route: Composer) -> None:
    data = {**route.filled(), "name": "Case 7", "clid": "x" * 60}
    route.post(data, add="skills")
    data = {**route.read(route.post(data, add="skills")), "skills-0-name": "Billing", "skills-0-mode": "mandatory"}
    assert data["name"] == "Case 7"
    data = {**route.read(route.post(data, add="skills")), "skills-1-name": "German", "skills-1-mode": "expires", "skills-1-seconds": "60"}
    data = route.read(route.post(data, add="skills"))
    assert data["skills-1-seconds"] == "60"
    assert data["skills-2-name"] == ""
    data = route.read(route.post(data, remove="skills-0"))
    assert data["skills-0-name"] == "German"
    assert data["clid"] == "x" * 60
    assert "form-errors" not in route.page
    assert 'role="alert"' not in route.page
    assert not Dispatch.objects.exists()


def test_choosing_a_route_brings_its_properties(as_sam: Client, vonage: Connection) -> None:
    sms = Composer(as_sam, vonage, "sms")
    data = {**sms.open(), "route": "SendSMS", "externalid": "kept"}
    data = sms.read(sms.post(data, intent="reshape"))
    assert {"property:ToNum", "property:FromNum", "property:Message"} <= data.keys()
    assert data["property:FromNum"] == "0654321"
    assert data["externalid"] == "kept"
    assert 'role="alert"' not in sms.page


def test_enter_checks_and_sends_nothing(route: Composer) -> None:
    """The first button of the form is what Enter presses: it must never send or remove."""
    route.open()
    first = route.page.partition("data-composer")[2].partition("<button")[2].partition(">")[0]
    assert 'value="check"' in first
    answer = route.post({**route.filled(), "clid": "x" * 51}, intent="check")
    assert answer.status_code == 200
    assert "at most 50 characters" in route.page
    assert not Dispatch.objects.exists()


def test_an_error_loses_nothing(route: Composer) -> None:
    typed = {
        "route": "Route Interaction NR",
        "externalid": "  spaced “é” ",
        "name": "n" * 51,
        "skills-0-name": "Billing",
        "skills-0-mode": "expires",
        "skills-0-seconds": "2678400",
        "agent": "AgentUsername",
        "url": "javascript:alert(1)",
    }
    answer = route.post({**route.open(), **typed}, intent="send")
    assert answer.status_code == 422
    kept = route.read(answer)
    assert {name: kept[name] for name in typed} == typed
    page = unescape(route.page)
    assert "At most 2,678,399 seconds (31 days)." in page
    assert "at most 50 characters (it has 51)" in page
    assert 'href="#id_skills-0-seconds"' in page
    assert 'role="alert"' in page
    assert not Dispatch.objects.exists()


def test_what_is_filled_in_for_people_stays_folded(route: Composer) -> None:
    """Identifiers open by themselves only when somebody set one by hand."""
    for query, stands_open in (("", False), ("?requestid=mine", True)):
        route.open(query)
        details = route.page.partition("<h2>Identifiers</h2>")[0].rpartition("<details")[2].partition(">")[0]
        assert ("open" in details) is stands_open


def test_choosing_when_is_one_click(route: Composer, now: datetime) -> None:
    route.open()
    picks = re.findall(r'data-pick="id_desk-at" value="([^"]+)"', route.page)
    assert len(picks) >= 2
    for at in picks:
        answer = route.post(route.filled(**{"desk-at": at}), intent="schedule")
        assert answer.status_code == 303


# --- long catalogues --------------------------------------------------------------------------------


def test_a_long_catalogue_is_searched_by_typing(as_sam: Client, acoustic: Connection) -> None:
    """People type the name they know; what is sent is the vendor's id."""
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(40)]
    CatalogueItem.objects.bulk_create(
        CatalogueItem(connection=acoustic, kind="message", key=key, label=f"Offer {number}") for number, key in enumerate(ids)
    )
    send = Composer(as_sam, acoustic)
    send.open()
    assert '<datalist id="suggested_message_names"' in send.page
    assert f'<option value="Offer 7">{ids[7]}</option>' in send.page
    for typed in ("Offer 7", ids[7]):
        page = send.preview(send.filled(message=typed))
        assert f"/publishedmessages/{ids[7]}/sendjobs" in page
    kept = send.read(send.post(send.filled(message=ids[7], pre_blocking_hours="x"), intent="check"))
    assert kept["message"] == "Offer 7"
    assert "has no published message “Offer”" in send.preview(send.filled(message="Offer"))


def test_a_name_that_two_items_share_leads_to_none(as_sam: Client, acoustic: Connection) -> None:
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(30)]
    CatalogueItem.objects.bulk_create(CatalogueItem(connection=acoustic, kind="message", key=key, label="Twin") for key in ids)
    send = Composer(as_sam, acoustic)
    send.open()
    assert f'<option value="{ids[0]}">' in send.page
    assert "has no published message “Twin”" in send.preview(send.filled(message="Twin"))


# --- cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [10, 400])
def test_the_form_costs_the_same_however_much_there_is(
    rows: int, as_sam: Client, sam: Person, vonage: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CatalogueItem.objects.bulk_create(CatalogueItem(connection=vonage, kind="route", key=f"route {n}") for n in range(rows))
    for _ in range(5):
        factories.dispatch(vonage, sam, ref=new_ref(), due_at=timezone.now())
    route = Composer(as_sam, vonage)
    data = route.filled()
    with django_assert_num_queries(10):
        route.open()
    with django_assert_num_queries(8):
        route.preview(data)
