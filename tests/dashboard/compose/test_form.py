"""The form: what it starts with, what it keeps, what it says; every step as a plain POST without JavaScript."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.services.refs import new_ref
from tests import factories
from tests.dashboard.compose.forms import FILLED, JULY, Composer


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


# --- the preview ----------------------------------------------------------------------------------


def test_the_preview_is_the_exact_request(route: Composer) -> None:
    data = route.filled(**{"skills-0-name": "Billing", "skills-1-name": "VIP", "skills-1-mode": "optional"})
    page = route.preview(data)
    assert "/vonage/interactions/invoke" in page
    assert "Everything needed is filled in." in page
    route.post(data, intent="send")
    dispatch = Dispatch.objects.get()
    vendor, command = dispatch.connection.vendor, dispatch.command()
    body = vendor.build(dispatch.connection.account(), [command]).body.decode()
    assert f"{len(body.encode())} bytes" in page
    assert json.loads(code(page, "The body as JSON")) == json.loads(body)
    assert f"--data-raw '{body}'" in code(page, "The request as a curl command")
    assert "Bearer <ACCESS_TOKEN>" in code(page, "The request as a curl command")


def code(page: str, label: str) -> str:
    """The text of a box of code."""
    box = page.partition(f'aria-label="{label}"')[2].partition(">")[2].partition("</pre>")[0]
    return unescape(re.sub("<[^>]*>", "", box))


def test_the_preview_counts_what_needs_attention(route: Composer) -> None:
    page = route.preview({**route.filled(), "loggedouttimeout": "2678400", "agent": "A", "loggedintimeout": "20"})
    assert "1 field needs attention before this can be sent." in page
    assert "Shown without the fields that need attention." in page
    assert json.loads(code(page, "The body as JSON"))["requests"][0]["externalid"] == "40a4b50f"
    assert "personalqueue" not in page


def test_the_preview_says_what_is_missing(text: Composer) -> None:
    page = text.preview(text.open())
    assert "Still to fill in:" in page
    assert 'href="#id_end_user_number"' in page
    assert "need attention" not in page
    assert "as soon as enough is filled in" in page


def test_a_preview_with_unknown_target_shows_no_request(route: Composer) -> None:
    page = route.preview({**route.open(), "route": "Nowhere"})
    assert "has no named route “Nowhere”" in page
    assert "POST" not in page


def test_the_preview_counts_segments(text: Composer) -> None:
    page = text.preview(text.filled(message="It’s here"))
    assert "1 segment, UCS-2, room for 61 more" in page
    assert "<kbd>’</kbd>" in page
    assert "2 segments, GSM-7, room for 145 more" in text.preview(text.filled(message="a" * 161))


def test_what_is_typed_is_shown_as_text(text: Composer) -> None:
    page = text.preview(text.filled(message="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_cautions_warn_and_do_not_block(route: Composer) -> None:
    data = route.filled(requestid="by-hand-1")
    assert "Set by hand" in route.preview(data)
    assert route.post(data, intent="send").status_code == 303
    assert Dispatch.objects.get().key_by_hand


def test_moments_are_shown_in_both_zones(as_sam: Client, acoustic: Connection, sam: Person) -> None:
    """On the first of July 18:00 in London is 17:00 UTC."""
    send = Composer(as_sam, acoustic)
    page = unescape(send.preview(send.filled(scheduled_date=JULY.isoformat(timespec="minutes"))))
    assert f"1 July {JULY.year}, 18:00" in page
    assert f"1 Jul {JULY.year}, 17:00 UTC" in page
    assert f"{JULY.year}-07-01T17:00:00.000+00:00" in page or f"{JULY.year}-07-01T18:00:00.000+01:00" in page


def test_a_time_to_send_at_is_shown_in_both_zones(route: Composer) -> None:
    page = unescape(route.preview(route.filled(**{"desk-at": JULY.isoformat(timespec="minutes")})))
    assert f"1 July {JULY.year}, 18:00" in page
    assert "Europe/London" in page
    assert f"1 Jul {JULY.year}, 17:00 UTC" in page
    assert "When scheduled" not in route.preview(route.filled(**{"desk-at": "2020-01-01T10:00"}))


def test_numbers_are_read_as_typed_and_shown_as_sent(as_sam: Client, ccai: Connection) -> None:
    Connection.objects.filter(pk=ccai.pk).update(country="GB")
    text = Composer(as_sam, ccai)
    page = text.preview(text.filled(end_user_number="07700 900123"))
    assert "Sent as +447700900123, United Kingdom" in page
    assert 'data-beside="id_end_user_number"' in page


def test_the_summary_calls_things_by_their_names(as_sam: Client, acoustic: Connection) -> None:
    """People name what they address; the ids stay in the exact request."""
    send = Composer(as_sam, acoustic)
    message = CatalogueItem.objects.get(connection=acoustic, kind="message", key=FILLED["acoustic"]["message"])
    source = CatalogueItem.objects.get(connection=acoustic, kind="source", key="4396816")
    assert message.label
    assert source.label
    page = unescape(send.preview(send.filled(contact_source=source.label)))
    sentence = page.partition('class="plain">')[2].partition("</p>")[0]
    assert sentence.startswith(f"Send the published message {message.label} to everybody in contact source {source.label}, at once")
    assert json.loads(code(page, "The body as JSON"))["contactSourceId"] == 4396816


def test_what_is_filled_in_for_people_stays_folded(route: Composer) -> None:
    """Identifiers open by themselves only when somebody set one by hand."""
    for query, stands_open in (("", False), ("?requestid=mine", True)):
        route.open(query)
        details = route.page.partition("<h2>Identifiers</h2>")[0].rpartition("<details")[2].partition(">")[0]
        assert ("open" in details) is stands_open


def test_choosing_when_is_one_click(route: Composer) -> None:
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
    assert '<datalist id="id_message_list">' in send.page
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
    with django_assert_num_queries(7):
        route.open()
    with django_assert_num_queries(5):
        route.preview(data)
