"""Starting from what exists: an earlier dispatch, pasted JSON, pasted curl."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client

from dashboard.models import AuditEvent, Connection, Dispatch, Person
from dashboard.services import dispatches
from dashboard.services.pasting import read_pasted
from providers.errors import CannotExpress
from tests import factories
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import MESSAGE, SUMMER, Composer
from tests.dashboard.compose.seeds import SEED_ACOUSTIC, SEED_DISPATCH, SEED_TEXT


def paste(browser: Client, text: str, connection: str = "") -> tuple[int, str]:
    answer = browser.post("/compose/paste/", {"text": text, "connection": connection})
    return answer.status_code, answer.content.decode()


def fields_after(browser: Client, connection: Connection, text: str, action: str = "") -> dict[str, str]:
    composer = Composer(browser, connection, action)
    data = composer.read(browser.post("/compose/paste/", {"text": text}))
    assert composer.url in composer.page
    return data


def test_the_vendors_full_dispatch_fills_every_field(as_sam: Client, vonage: Connection) -> None:
    data = fields_after(as_sam, vonage, SEED_DISPATCH)
    assert data["requestid"] == "13141f79-79bb-4e4f-a7bc-a96f3a08d1bb"
    assert (data["route"], data["provider"], data["interactiontype"]) == ("APIRouting", "ProviderName", "nonlive")
    assert (data["agent"], data["loggedintimeout"], data["loggedouttimeout"]) == ("AgentUsername", "20", "30")
    assert (data["skills-1-name"], data["skills-1-mode"], data["skills-1-seconds"]) == ("skillExpiring", "expires", "60")
    composer = Composer(as_sam, vonage)
    assert composer.post(data, intent="send").status_code == 303
    dispatch = Dispatch.objects.get()
    sent = dispatch.connection.vendor.build(dispatch.connection.account(), [dispatch.command()])
    assert json.loads(sent.body) == json.loads(SEED_DISPATCH)


def test_curly_quotation_marks_of_a_page_are_read(as_sam: Client, acoustic: Connection) -> None:
    data = fields_after(as_sam, acoustic, SEED_ACOUSTIC)
    assert data["external_system_name"] == "Campaign"
    assert data["message_name"] == "OfferToUpdateAPIpage"


def test_a_curl_command_brings_its_target_and_finds_its_connection(as_sam: Client, acoustic: Connection) -> None:
    elsewhere = {"pod": "custom", "base_url": "http://127.0.0.1:10/acoustic"}
    Connection.objects.filter(pk=stocked("acoustic", name="campaign-eu").pk).update(settings=elsewhere)
    url = f"http://127.0.0.1:9/acoustic/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs"
    command = f"curl -X POST '{url}' \\\n  -H 'Authorization: Bearer very-secret-token' \\\n  -d '{{\"messageName\": \"Spring\"}}'"
    data = fields_after(as_sam, acoustic, command)
    assert (data["message"], data["message_name"]) == (MESSAGE, "Spring")
    assert "very-secret-token" not in as_sam.post("/compose/paste/", {"text": command}).content.decode()


def test_several_requests_give_the_first_and_say_so(as_sam: Client, vonage: Connection) -> None:
    body = {"requests": [{"route": "APIRouting", "externalid": str(n), "requestid": str(n)} for n in range(3)]}
    status, page = paste(as_sam, json.dumps(body))
    assert status == 200
    assert "holds 3 requests; this is the first one" in page
    assert 'value="0"' in page


def test_several_connections_are_asked_about(as_sam: Client, ccai: Connection) -> None:
    stocked("ccai", name="care-eu")
    body = json.dumps({**json.loads(SEED_TEXT), "message": "lorem ipsum"})
    status, page = paste(as_sam, body)
    assert status == 422
    assert "Several connections could take this: care-eu, care-us. Choose one." in page
    assert "lorem ipsum" in page
    status, page = paste(as_sam, body, "care-eu")
    assert status == 200
    assert 'action="/compose/care-eu/text/"' in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This field is required."),
        ("hello", "This is not JSON: it goes wrong in line 1, column 1."),
        ('{"requests": [{"route": "R", "colour": "red"}]}', "colour"),
        ('{"requests": []}', "“requests” is empty"),
        ("[" * 5000, "nested more deeply"),
        ('{"a": NaN}', "NaN is no number in JSON"),
        ("curl https://x.example/ -H 'A: b'", "The command has no body"),
        ("curl https://x.example/ -d @body.json", "from the file body.json"),
        ("curl -d '{", "never closed"),
        ("x" * 200_001, "at most 200000 characters"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(as_sam: Client, vonage: Connection, ccai: Connection, text: str, sentence: str) -> None:
    status, page = paste(as_sam, text)
    assert status == 422
    assert sentence in unescape(page)
    assert text.replace("\n", "") in unescape(page)


@pytest.mark.parametrize(
    "command",
    [
        """curl https://h.example/p --data-raw '{"a": 1}'""",
        """curl --data='{"a": 1}' https://h.example/p""",
        """curl -d'{"a": 1}' --url https://h.example/p""",
        """curl --json '{"a": 1}' 'https://h.example/p'""",
        """curl "https://h.example/p" -X POST --data-binary "{\\"a\\": 1}" """,
        """curl -L -X POST "https://h.example/p" \\\r\n -H "Accept: x" \\\r\n --data '{"a":\r\n 1}'""",
    ],
)
def test_every_way_of_writing_curl(command: str) -> None:
    pasted = read_pasted(command)
    assert (pasted.body, pasted.url) == ({"a": 1}, "https://h.example/p")


def test_a_command_without_an_address_still_has_a_body() -> None:
    assert read_pasted("""curl -d '{"a": 1}'""").url == ""
    with pytest.raises(CannotExpress, match="line 2"):
        read_pasted('{"a": 1,\n oops}')


# --- again ----------------------------------------------------------------------------------------


def test_composing_again_takes_everything_but_the_key(as_sam: Client, vonage: Connection) -> None:
    route = Composer(as_sam, vonage)
    first = {**route.filled(), "skills-0-name": "German", "skills-0-mode": "expires", "skills-0-seconds": "60", "name": "Case 7"}
    route.post(first, intent="send")
    earlier = Dispatch.objects.get()
    data = route.read(as_sam.get(f"/compose/again/{earlier.ref}/"))
    assert f"From {earlier.ref}." in route.page
    assert data["requestid"] not in ("", first["requestid"])
    for name in ("route", "externalid", "name", "skills-0-name", "skills-0-mode", "skills-0-seconds"):
        assert data[name] == first[name]
    assert route.post(data, intent="send").status_code == 303
    assert Dispatch.objects.count() == 2


def test_composing_again_makes_a_new_external_id_for_the_one_that_the_desk_made(as_sam: Client, vonage: Connection) -> None:
    """Two interactions under one external ID could not be told apart by a release."""
    route = Composer(as_sam, vonage)
    first = {**route.open(), "route": "Route Interaction NR"}
    route.post(first, intent="send")
    earlier = Dispatch.objects.get()
    data = route.read(as_sam.get(f"/compose/again/{earlier.ref}/"))
    assert first["externalid"] == f"desk-{earlier.ref}"
    assert data["externalid"].startswith("desk-")
    assert data["externalid"] != first["externalid"]


def test_composing_again_from_one_that_was_sent_again_makes_a_new_external_id_too(as_sam: Client, sam: Person, vonage: Connection) -> None:
    route = Composer(as_sam, vonage)
    first = {**route.open(), "route": "Route Interaction NR"}
    route.post(first, intent="send")
    Dispatch.objects.update(state="not_sent")
    again = dispatches.send_again(dispatch=Dispatch.objects.get(), by=sam).dispatches[0]
    data = route.read(as_sam.get(f"/compose/again/{again.ref}/"))
    assert again.command().values["externalid"] == first["externalid"]
    assert data["externalid"] not in ("", first["externalid"], f"desk-{again.ref}")


def test_composing_again_with_a_number_is_recorded(as_sam: Client, ccai: Connection) -> None:
    text = Composer(as_sam, ccai)
    text.post(text.filled(), intent="send")
    earlier = Dispatch.objects.get()
    assert text.read(as_sam.get(f"/compose/again/{earlier.ref}/"))["end_user_number"] == "+14155550100"
    seen = AuditEvent.objects.get(action="number.revealed")
    assert (seen.object_id, seen.detail["reason"]) == (earlier.ref, "composed again from it")


def test_a_moment_comes_back_in_the_readers_zone(as_sam: Client, acoustic: Connection) -> None:
    send = Composer(as_sam, acoustic)
    data = send.read(send.post(send.filled(scheduled_date=SUMMER.isoformat(timespec="minutes")), intent="send"))
    assert send.post(data, intent="send").status_code == 303
    again = send.read(as_sam.get(f"/compose/again/{Dispatch.objects.get().ref}/"))
    assert again["scheduled_date"] == SUMMER.isoformat(timespec="minutes")


def test_an_unknown_dispatch_is_not_found(as_sam: Client) -> None:
    assert as_sam.get("/compose/again/zzzzzzzzzz/").status_code == 404


def test_one_that_no_key_opens_says_so(as_sam: Client, vonage: Connection) -> None:
    route = Composer(as_sam, vonage)
    route.post(route.filled(), intent="send")
    Dispatch.objects.update(command_sealed=b"\x01" + b"x" * 40)
    answer = as_sam.get(f"/compose/again/{Dispatch.objects.get().ref}/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/dispatches/{Dispatch.objects.get().ref}/"


def test_what_has_a_screen_of_its_own_is_not_composed_again(as_sam: Client, sam: Person, vonage: Connection) -> None:
    saved = factories.dispatch(vonage, sam, action="register")
    answer = as_sam.get(f"/compose/again/{saved.ref}/")
    assert answer.headers["Location"] == f"/dispatches/{saved.ref}/"
