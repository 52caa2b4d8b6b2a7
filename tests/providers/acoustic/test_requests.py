"""The exact bytes of a send job, and a send job's body read back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.acoustic import PROVIDER
from providers.errors import CannotExpress, NotConfigured
from providers.fields import FormContext, HeldCatalogue, flat
from providers.types import Account, Command, Json, WireRequest
from tests.providers.acoustic.samples import ACCOUNT, FULL, ITEMS, LEAST, MESSAGE, NAME
from tests.providers.contract import NOW, QUICK, REF

SEND = PROVIDER.action("send")
HEADERS = (("Content-Type", "application/json"), ("Accept", "application/json"))


def command(fields: Json) -> Command:
    form = SEND.form(flat(fields), context=FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
    assert form.is_valid(), form.errors
    return SEND.command(form)


def test_the_least_that_can_be_sent() -> None:
    request = PROVIDER.build(ACCOUNT, [command(LEAST)])
    assert request == WireRequest(
        method="POST",
        url=f"https://api-campaign-us-1.goacoustic.com/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs",
        headers=HEADERS,
        body=b'{"messageName": "Desk k7m2p9q4xz"}',
        keys=(NAME,),
    )


def test_everything_that_can_be_sent() -> None:
    request = PROVIDER.build(ACCOUNT, [command(FULL)])
    assert request.body == (
        b'{"contactSourceId": 4396816, "externalSystemName": "Campaign", "externalSystemReferenceId": "Param_12345_test", '
        b'"messageName": "Desk k7m2p9q4xz", "scheduledDate": "2026-12-24T18:00:00.000+00:00", "preBlockingHours": 4, '
        b'"folder": "Shared/Offers"}'
    )


def test_the_vendors_sample_payload() -> None:
    """The vendor's page, "Sample Payload", its curly quotes straightened."""
    sample = {"externalSystemName": "Campaign", "externalSystemReferenceId": "Param_12345_test", "messageName": "OfferToUpdateAPIpage"}
    (draft,) = PROVIDER.read(ACCOUNT, sample, MESSAGE)
    again = command(draft.fields)
    assert again.key == "OfferToUpdateAPIpage"
    assert json.loads(PROVIDER.build(ACCOUNT, [again]).body) == sample


def test_text_travels_as_utf8_to_the_letter() -> None:
    request = PROVIDER.build(ACCOUNT, [command({**LEAST, "message_name": ' é “Ω” \\ " 😀'})])
    assert request.body == '{"messageName": " é “Ω” \\\\ \\" 😀"}'.encode()


def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    odd = Command("send", NAME, {"publishedMessageId": "../../gdpr_jobs?x=1#é"})
    assert PROVIDER.build(ACCOUNT, [odd]).url.endswith("/publishedmessages/..%2F..%2Fgdpr_jobs%3Fx%3D1%23%C3%A9/sendjobs")


@pytest.mark.parametrize("kept", [{}, {"pod": "custom"}, {"pod": "12"}, {"base_url": "https://api5.silverpop.com"}])
def test_without_an_address_nothing_is_built(kept: dict[str, str]) -> None:
    account = replace(ACCOUNT, settings=kept)
    with pytest.raises(NotConfigured, match="acoustic-us"):
        PROVIDER.build(account, [command(LEAST)])
    with pytest.raises(NotConfigured):
        PROVIDER.endpoints(account)


def test_one_job_is_one_call() -> None:
    commands = [replace(command(LEAST), key=f"Desk {number}") for number in range(5)]
    assert PROVIDER.pack(ACCOUNT, commands) == 1
    assert PROVIDER.build(ACCOUNT, commands).keys == ("Desk 0",)


class TestRead:
    def test_every_property(self) -> None:
        body = json.loads(PROVIDER.build(ACCOUNT, [command(FULL)]).body)
        (draft,) = PROVIDER.read(ACCOUNT, body, MESSAGE)
        assert draft.action == "send"
        assert draft.fields == FULL

    @pytest.mark.parametrize("spelled", ["ContactSourceId", "contactsourceid", "CONTACTSOURCEID"])
    def test_a_property_counts_whatever_its_letter_case_and_is_sent_as_documented(self, spelled: str) -> None:
        (draft,) = PROVIDER.read(ACCOUNT, {"MessageName": "x", spelled: 4396816}, MESSAGE)
        assert json.loads(PROVIDER.build(ACCOUNT, [command(draft.fields)]).body) == {"contactSourceId": 4396816, "messageName": "x"}

    @pytest.mark.parametrize(
        ("body", "field", "said"),
        [
            ([], "", "one JSON object"),
            ("messageName", "", "one JSON object"),
            (None, "", "one JSON object"),
            ({"messageName": "x", "ContactSourceID2": 4396816}, "", "no property named ContactSourceID2"),
            ({"messageName": "x", "ContactSourceId": 1, "contactSourceId": 2}, "", "A property stands there twice"),
            ({"messageName": "x", "CONTACTSOURCEID": "1"}, "contact_source", "contactSourceId must be a whole number"),
            ({"messageName": "x", "campaignName": "y", "useRecipientTimeZone": True}, "", "campaignName, useRecipientTimeZone"),
            ({"messageName": None}, "message_name", "messageName must be a text"),
            ({"messageName": ""}, "message_name", "messageName must be a text"),
            ({"messageName": "x", "contactSourceId": "4396816"}, "contact_source", "contactSourceId must be a whole number without quotes"),
            ({"messageName": "x", "contactSourceId": True}, "contact_source", "contactSourceId must be a whole number"),
            ({"messageName": "x", "contactSourceId": 1.0}, "contact_source", "contactSourceId must be a whole number"),
            ({"messageName": "x", "preBlockingHours": None}, "pre_blocking_hours", "preBlockingHours must be a whole number"),
            ({"messageName": "x", "scheduledDate": "2026-12-24T18:00:00"}, "scheduled_date", "with an offset"),
            ({"messageName": "x", "scheduledDate": "2026-12-24"}, "scheduled_date", "with an offset"),
            ({"messageName": "x", "scheduledDate": "2026-12-24T18:00:00+00"}, "scheduled_date", "with an offset"),
            ({"messageName": "x", "scheduledDate": 1798135200}, "scheduled_date", "scheduledDate must be a text"),
        ],
    )
    def test_what_a_send_job_cannot_carry(self, body: Json, field: str, said: str) -> None:
        with pytest.raises(CannotExpress, match=said) as caught:
            PROVIDER.read(ACCOUNT, body, MESSAGE)
        assert caught.value.field == field

    def test_the_body_alone_does_not_name_the_message(self) -> None:
        (draft,) = PROVIDER.read(ACCOUNT, {"messageName": "x"}, "")
        assert draft.fields == {"message_name": "x"}

    @pytest.mark.parametrize(
        ("written", "sent"),
        [
            ("2027-06-01T12:00:45.000+0000", "2027-06-01T12:00:45.000+00:00"),
            ("2027-06-01T12:00:45-0530", "2027-06-01T17:30:45.000+00:00"),
            ("2027-06-01T12:00:45Z", "2027-06-01T12:00:45.000+00:00"),
        ],
    )
    def test_an_offset_with_a_colon_or_without(self, written: str, sent: str) -> None:
        (draft,) = PROVIDER.read(ACCOUNT, {"messageName": "x", "scheduledDate": written}, MESSAGE)
        form = SEND.form(flat(draft.fields), context=FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
        assert form.is_valid(), form.errors
        assert SEND.command(form).values["scheduledDate"] == sent

    @given(body=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=6))
    @QUICK
    def test_any_json_gives_a_draft_or_is_refused(self, body: Json) -> None:
        actions = ["send"]
        with suppress(CannotExpress):
            actions = [draft.action for draft in PROVIDER.read(ACCOUNT, body, MESSAGE)]
        assert actions == ["send"]


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=100).filter(str.strip)
texts = names.map(str.strip).filter(bool)
bodies = st.fixed_dictionaries(
    {"messageName": names},
    optional={
        "contactSourceId": st.integers(1, 2**63 - 1).filter(lambda number: number != 4396899),
        "externalSystemName": texts,
        "externalSystemReferenceId": texts,
        "folder": texts,
        "preBlockingHours": st.integers(0, 2**31 - 1),
        "scheduledDate": st.datetimes(NOW.replace(tzinfo=None)).map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}+00:00"),
    },
)


@given(body=bodies)
@QUICK
def test_a_documented_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    """In composed form (NFC), in which all texts are sent."""
    composed = {name: normalize("NFC", value) if isinstance(value, str) else value for name, value in body.items()}
    account = Account("acoustic", "round", {"pod": "b"})
    (draft,) = PROVIDER.read(account, composed, MESSAGE)
    assert json.loads(PROVIDER.build(account, [command(draft.fields)]).body) == composed
