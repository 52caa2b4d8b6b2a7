"""A second look before sending: when it is asked for, what it names, what was not confirmed."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Reference
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import Composer, confirmed


def test_production_asks_first_and_names_it(route: Composer, vonage: Connection) -> None:
    Connection.objects.filter(pk=vonage.pk).update(environment="production")
    answer = route.post(route.filled(), intent="send")
    data = confirmed(route, answer)
    assert not Dispatch.objects.exists()
    assert "vcc-emea is a production account" in route.page
    assert "Route Interaction NR" in route.page
    assert route.post(data, intent="send").status_code == 303
    assert Dispatch.objects.count() == 1
    assert route.post(data, intent="send").status_code == 303
    assert Dispatch.objects.count() == 1


def test_a_whole_audience_asks_first_and_names_it(as_sam: Client, acoustic: Connection) -> None:
    send = Composer(as_sam, acoustic)
    data = confirmed(send, send.post(send.filled(), intent="send"))
    page = unescape(send.page)
    assert "reaches a whole audience" in page
    assert "4396816" in page
    assert "Sandbox" in page
    assert not Dispatch.objects.exists()
    assert send.post(data, intent="send").status_code == 303
    assert Dispatch.objects.get().key.endswith(Dispatch.objects.get().ref)


def test_the_way_back_keeps_the_form(as_sam: Client, acoustic: Connection) -> None:
    send = Composer(as_sam, acoustic)
    data = confirmed(send, send.post(send.filled(folder="Autumn"), intent="send"))
    kept = send.read(send.post(data, intent="edit"))
    assert kept["folder"] == "Autumn"
    assert kept["message_name"] == data["message_name"]
    assert "desk-confirmed" not in kept
    assert not Dispatch.objects.exists()


def test_what_was_not_confirmed_is_not_sent(as_sam: Client, acoustic: Connection) -> None:
    send = Composer(as_sam, acoustic)
    data = confirmed(send, send.post(send.filled(), intent="send"))
    again = confirmed(send, send.post({**data, "contact_source": "4396820"}, intent="send"))
    assert "4396820" in send.page
    assert again["desk-confirmed"] != data["desk-confirmed"]
    assert not Dispatch.objects.exists()
    assert send.post(data, intent="send", **{"desk-confirmed": "0" * 64}).status_code == 200
    assert not Dispatch.objects.exists()


def test_a_second_text_to_a_number_warns_and_links_the_first(text: Composer) -> None:
    text.post(text.filled(), intent="send")
    first = Dispatch.objects.get()
    again = text.filled(end_user_number="+1 (415) 555-0100", message="Another")
    assert f'href="/dispatches/{first.ref}/"' in text.preview(again)
    data = confirmed(text, text.post(again, intent="send"))
    assert "does not support a second one" in text.page
    assert f'href="/dispatches/{first.ref}/"' in text.page
    assert Dispatch.objects.count() == 1
    assert text.post(data, intent="send").status_code == 303
    assert Dispatch.objects.count() == 2


def test_a_double_submit_is_no_second_text(text: Composer) -> None:
    data = text.filled()
    first = text.post(data, intent="send")
    second = text.post(data, intent="send")
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize("state", [State.REJECTED, State.NOT_SENT, State.CANCELLED])
def test_a_text_that_reached_nobody_does_not_count(text: Composer, state: State) -> None:
    text.post(text.filled(), intent="send")
    Dispatch.objects.update(state=state)
    assert text.post(text.filled(), intent="send").status_code == 303


def test_yesterdays_text_does_not_count(text: Composer) -> None:
    text.post(text.filled(), intent="send")
    Dispatch.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert text.post(text.filled(), intent="send").status_code == 303


def test_another_number_or_connection_does_not_count(as_sam: Client, text: Composer) -> None:
    text.post(text.filled(), intent="send")
    assert text.post(text.filled(end_user_number="+1 415-555-0101"), intent="send").status_code == 303
    other = Composer(as_sam, stocked("ccai", name="care-two"))
    assert other.post(other.filled(), intent="send").status_code == 303


def test_a_number_is_kept_as_a_hash_only(text: Composer) -> None:
    text.post(text.filled(), intent="send")
    values = list(Reference.objects.values_list("value", flat=True))
    assert not any("4155550100" in value for value in values)
    dispatch = Dispatch.objects.get()
    assert "4155550100" not in f"{dispatch.target}{dispatch.detail}{dispatch.sentence}"
