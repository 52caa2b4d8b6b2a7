"""Presets: kept from a form, sealed, used, shared, deleted."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.models import AuditEvent, Connection, Dispatch, Person, Preset
from dashboard.services import connections, presets
from tests import factories
from tests.dashboard.compose.forms import Composer


@pytest.fixture
def sue(db: None) -> Person:
    return factories.person("sue", name="Sue Second", supervisor=True)


def keep(composer: Composer, filled: dict[str, str], **asked: str) -> Preset:
    """Save the form as a preset through both pages."""
    data = composer.read(composer.post(filled, intent="preset"))
    data.pop("preset-ask", None)
    answer = composer.post({**data, "preset-name": "Parcel", **asked}, intent="keep")
    assert answer.status_code == 200
    return Preset.objects.get()


def test_the_page_offers_to_leave_open_what_holds_something_first_with_its_value(text: Composer) -> None:
    text.post(text.filled(), intent="preset")
    assert 'value="end_user_number"' in text.page
    ticked = [part.partition(">")[0] for part in text.page.split('name="preset-ask"')[1:]]
    assert [("checked" in part, part.split('value="')[1].split('"')[0]) for part in ticked] == [
        (True, "end_user_number"),
        (False, "outbound_number"),
        (True, "message"),
        (False, "chat_type"),
        (False, "ticket_id"),
        (False, "agent"),
    ]
    assert "Message: Your parcel is here." in text.page
    assert not Preset.objects.exists()


def test_a_preset_starts_the_form_with_what_it_kept(text: Composer) -> None:
    preset = keep(text, text.filled(ticket_id="T-1"), **{"preset-ask": "end_user_number"})
    assert "Kept as the preset “Parcel”" in text.page
    data = text.read(text.browser.get(f"/presets/{preset.uid}/"))
    assert (data["outbound_number"], data["message"], data["ticket_id"]) == ("+16285550199", "Your parcel is here.", "T-1")
    assert data["end_user_number"] == ""
    assert "Fill in: Customer&#x27;s number" in text.page
    assert 'href="#id_end_user_number"' in text.page
    control = text.page.partition('id="id_end_user_number"')[0].rpartition("<input")[2]
    assert "autofocus" in control
    assert not Dispatch.objects.exists()


def test_nothing_of_it_stands_in_clear(text: Composer) -> None:
    preset = keep(text, text.filled())
    assert b"parcel" not in bytes(preset.fields_sealed)
    assert b"4155550100" not in bytes(preset.fields_sealed)
    assert presets.fields_of(preset)["message"] == "Your parcel is here."
    assert "4155550100" not in str(list(AuditEvent.objects.values()))


def test_ids_of_one_dispatch_are_not_kept(as_sam: Client, vonage: Connection) -> None:
    route = Composer(as_sam, vonage)
    filled = {**route.filled(), "skills-0-name": "Billing", "skills-0-mode": "optional"}
    preset = keep(route, filled)
    assert set(presets.fields_of(preset)) == {"route", "skills"}
    data = route.read(as_sam.get(f"/presets/{preset.uid}/"))
    assert data["skills-0-name"] == "Billing"
    assert data["skills-0-mode"] == "optional"
    assert data["requestid"] not in ("", filled["requestid"])


def test_route_properties_are_kept(as_sam: Client, vonage: Connection) -> None:
    sms = Composer(as_sam, vonage, "sms")
    preset = keep(sms, {**sms.open("?route=SendSMS"), "property:ToNum": "07700 900658", "property:Message": "Hello!"})
    data = sms.read(as_sam.get(f"/presets/{preset.uid}/"))
    assert (data["property:ToNum"], data["property:Message"]) == ("07700 900658", "Hello!")


def test_a_form_with_errors_can_be_kept(text: Composer) -> None:
    preset = keep(text, text.filled(end_user_number="", agent="nobody"))
    assert presets.fields_of(preset)["agent"] == "nobody"


def test_a_name_is_needed_and_taken_once(text: Composer) -> None:
    data = text.read(text.post(text.filled(), intent="preset"))
    answer = text.post({**data, "preset-name": ""}, intent="keep")
    assert answer.status_code == 422
    keep(text, text.filled())
    answer = text.post({**data, "preset-name": "Parcel"}, intent="keep")
    assert answer.status_code == 422
    assert "You have a preset named “Parcel” already" in text.page
    assert text.read(text.post(text.read(answer), intent="edit"))["message"] == "Your parcel is here."
    assert Preset.objects.count() == 1


def test_private_ones_are_seen_by_their_owner_only(text: Composer, sue: Person) -> None:
    preset = keep(text, text.filled())
    theirs = Client()
    theirs.force_login(sue)
    assert "Parcel" in text.browser.get("/presets/").content.decode()
    assert "Parcel" not in theirs.get("/presets/").content.decode()
    assert theirs.get(f"/presets/{preset.uid}/").status_code == 404
    assert theirs.post(f"/presets/{preset.uid}/delete/").status_code == 404
    assert Preset.objects.exists()


def test_shared_ones_are_used_by_all_and_deleted_by_their_owner(text: Composer, sue: Person) -> None:
    preset = keep(text, text.filled(), **{"preset-shared": "on"})
    theirs = Client()
    theirs.force_login(sue)
    assert "Everybody, from Sam Supervisor" in theirs.get("/presets/").content.decode()
    assert "Load a preset" in theirs.get(text.url).content.decode()
    assert theirs.get(f"/presets/{preset.uid}/").status_code == 200
    answer = theirs.post(f"/presets/{preset.uid}/delete/", follow=True)
    assert "Only Sam Supervisor can delete this preset." in answer.content.decode()
    text.browser.post(f"/presets/{preset.uid}/delete/")
    assert not Preset.objects.exists()
    assert AuditEvent.objects.filter(action__startswith="preset.").count() == 2


def test_sending_from_a_preset_is_noted(text: Composer) -> None:
    preset = keep(text, text.filled())
    data = text.read(text.browser.get(f"/presets/{preset.uid}/"))
    assert data["desk-preset"] == str(preset.uid)
    assert text.post(data, intent="send").status_code == 303
    preset.refresh_from_db()
    assert preset.used_at is not None


@pytest.mark.parametrize("uid", ["rubbish", "6d4cf1b0-0000-4000-8000-000000000000"])
def test_a_preset_that_is_none_does_not_stop_a_send(text: Composer, uid: str) -> None:
    assert text.post(text.filled(**{"desk-preset": uid}), intent="send").status_code == 303


def test_presets_of_an_archived_connection_are_put_away(text: Composer, ccai: Connection, ada: Person) -> None:
    preset = keep(text, text.filled())
    connections.archive(connection=ccai, by=ada)
    assert "No preset yet" in text.browser.get("/presets/").content.decode()
    assert text.browser.get(f"/presets/{preset.uid}/").status_code == 404


def test_one_that_no_key_opens_says_so(text: Composer) -> None:
    preset = keep(text, text.filled())
    Preset.objects.update(fields_sealed=b"\x01" + b"x" * 40)
    answer = text.browser.get(f"/presets/{preset.uid}/", follow=True)
    assert "cannot be opened with the keys of this desk" in answer.content.decode()


def test_the_list_costs_the_same_however_long(
    text: Composer, sam: Person, ccai: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keep(text, text.filled())
    with django_assert_num_queries(4):
        text.browser.get("/presets/")
    Preset.objects.bulk_create(
        Preset(uid=uuid4(), name=f"n{number}", owner=sam, connection=ccai, action="text", fields_sealed=b"") for number in range(60)
    )
    with django_assert_num_queries(4):
        text.browser.get("/presets/")
