"""The preview beside the form: the exact request, what is still missing, and what the vendor warns of."""

from __future__ import annotations

import json
import re
from html import unescape

from django.test import Client

from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from tests.dashboard.compose.forms import FILLED, SUMMER, Composer


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


def test_only_what_is_wrong_or_lacks_its_partner_is_left_out(route: Composer) -> None:
    """A link waits for its label, a personal queue for a time: what stands beside them is shown all the same."""
    more = {"name": "Case 7", "clid": "+1 415", "mediatype": "Email", "url": "https://example.com/7"}
    page = route.preview(route.filled(**more, agent="kim", loggedintimeout="20", **{"skills-0-name": "Billing"}))
    shown = json.loads(code(page, "The body as JSON"))["requests"][0]
    assert {one["type"]: one["value"] for one in shown["linkeddata"]} == {"clid": "+1 415", "name": "Case 7", "mediatype": "Email"}
    assert shown["routingdata"] == {"skills": [{"name": "Billing"}]}
    assert "Shown without the fields that need attention." in page


def test_one_unfinished_skill_does_not_hide_the_others(route: Composer) -> None:
    page = route.preview(route.filled(**{"skills-0-name": "Billing", "skills-1-name": "German", "skills-1-mode": "expires"}))
    shown = json.loads(code(page, "The body as JSON"))["requests"][0]
    assert shown["routingdata"]["skills"] == [{"name": "Billing"}]
    assert "Still to fill in:" in page


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


def test_segments_are_counted_of_what_is_sent(text: Composer) -> None:
    """A letter typed as e and an accent of its own leaves as one character, which GSM-7 has."""
    data = text.filled(message="caf" + "e\u0301 " + "a" * 90)
    page = text.preview(data)
    assert "1 segment, GSM-7, room for 65 more" in page
    assert json.loads(code(page, "The body as JSON"))["message"].startswith("caf\u00e9 ")


def test_a_text_that_is_refused_is_counted_as_typed(text: Composer) -> None:
    assert "1 segment, UCS-2, room for 68 more" in text.preview(text.filled(message="a\u200b"))


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
    """In summer 18:00 in London is 17:00 UTC."""
    send = Composer(as_sam, acoustic)
    page = unescape(send.preview(send.filled(scheduled_date=SUMMER.isoformat(timespec="minutes"))))
    assert f"1 {SUMMER:%B %Y}, 18:00" in page
    assert f"1 {SUMMER:%b %Y}, 17:00 UTC" in page
    assert f"{SUMMER:%Y-%m}-01T17:00:00.000+00:00" in page or f"{SUMMER:%Y-%m}-01T18:00:00.000+01:00" in page


def test_a_time_to_send_at_is_shown_in_both_zones(route: Composer) -> None:
    page = unescape(route.preview(route.filled(**{"desk-at": SUMMER.isoformat(timespec="minutes")})))
    assert f"1 {SUMMER:%B %Y}, 18:00" in page
    assert "Europe/London" in page
    assert f"1 {SUMMER:%b %Y}, 17:00 UTC" in page
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
    assert sentence.startswith(f"Send the published message {message.label} to everybody in contact source {source.label}, as “")
    assert json.loads(code(page, "The body as JSON"))["contactSourceId"] == 4396816
