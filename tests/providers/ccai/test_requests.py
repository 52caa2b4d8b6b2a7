"""The exact bytes of an outbound SMS, and the vendor's example bodies read back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.ccai import PROVIDER
from providers.errors import CannotExpress, NotConfigured
from providers.fields import FormContext, HeldCatalogue, flat
from providers.types import Account, Command, Json, WireRequest
from tests.providers.ccai.samples import ACCOUNT, BODY, FULL, ITEMS, LEAST, NUMBER, SNAKE
from tests.providers.contract import NOW, QUICK, REF

TEXT = PROVIDER.action("text")
WITHOUT_TICKET = {name: value for name, value in BODY.items() if name != "ticket_id"}
NORMALISED = {"end_user_number": "+14155550100", "outbound_number": NUMBER}


def command(fields: Json, account: Account = ACCOUNT) -> Command:
    form = TEXT.form(flat(fields), context=FormContext(account, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
    assert form.is_valid(), form.errors
    return TEXT.command(form)


def test_the_least_that_can_be_sent() -> None:
    assert PROVIDER.build(ACCOUNT, [command(LEAST)]) == WireRequest(
        method="POST",
        url="https://customer.uc1.ccaiplatform.com/apps/api/v1/sms",
        headers=(("Content-Type", "application/json"), ("Accept", "application/json")),
        body=(
            b'{"chat_type": "Messaging (SMS)", "end_user_number": "+14155550100", "outbound_number": "+16285550199", '
            b'"message": "lorem ipsum"}'
        ),
        keys=(REF,),
    )


def test_everything_that_can_be_sent() -> None:
    assert PROVIDER.build(ACCOUNT, [command(FULL)]).body == (
        b'{"chat_type": "Messaging (SMS)", "end_user_number": "+14155550100", "outbound_number": "+16285550199", '
        b'"message": "lorem ipsum", "ticket_id": "5006x00000XXxxxXXX", "agentId": 1}'
    )


@pytest.mark.parametrize(
    ("account", "agent", "said"),
    [
        (ACCOUNT, "1", {"agentId": 1}),
        (SNAKE, "1", {"agent_id": 1}),
        (ACCOUNT, "john.doe@foo.com", {"agentEmail": "john.doe@foo.com"}),
        (SNAKE, "john.doe@foo.com", {"agent_email": "john.doe@foo.com"}),
        (replace(ACCOUNT, settings={"subdomain": "customer"}), "1", {"agentId": 1}),
    ],
)
def test_the_spelling_of_the_agents_properties_is_a_setting(account: Account, agent: str, said: dict[str, Json]) -> None:
    made = command({**LEAST, "agent": agent})
    body = json.loads(PROVIDER.build(account, [made]).body)
    assert {name: value for name, value in body.items() if name.startswith("agent")} == said


def test_the_text_travels_to_the_letter() -> None:
    made = command({**LEAST, "message": ' “quoted” \\ "\nline two 😀 '})
    assert PROVIDER.build(ACCOUNT, [made]).body.endswith('"message": " “quoted” \\\\ \\"\\nline two 😀 "}'.encode())


def test_one_text_is_one_call() -> None:
    commands = [replace(command(LEAST), key=f"ref{number}") for number in range(5)]
    assert PROVIDER.pack(ACCOUNT, commands) == 1
    assert PROVIDER.build(ACCOUNT, commands).keys == ("ref0",)


@pytest.mark.parametrize("kept", [{}, {"domain": "uc1.ccaiplatform.com"}])
def test_without_an_address_nothing_is_built(kept: dict[str, str]) -> None:
    with pytest.raises(NotConfigured, match="ccai-us"):
        PROVIDER.build(replace(ACCOUNT, settings=kept), [command(LEAST)])


class TestRead:
    @pytest.mark.parametrize(
        ("passage", "body", "sent"),
        [
            ("Create an outbound SMS chat with ticket ID", BODY, {**BODY, **NORMALISED}),
            (
                "… and assign it to an agent using agent ID",
                {**WITHOUT_TICKET, "agentId": 1},
                {**WITHOUT_TICKET, **NORMALISED, "agentId": 1},
            ),
            (
                "… and assign it to an agent email",
                {**WITHOUT_TICKET, "agentEmail": "john.doe@foo.com"},
                {**WITHOUT_TICKET, **NORMALISED, "agentEmail": "john.doe@foo.com"},
            ),
            ("Create an outbound SMS chat without ticket ID", WITHOUT_TICKET, {**WITHOUT_TICKET, **NORMALISED}),
            ("SMS API guide: agent_id", {**BODY, "agent_id": 1}, {**BODY, **NORMALISED, "agentId": 1}),
            ("SMS API guide: agent_email", {**BODY, "agent_email": "a@foo.com"}, {**BODY, **NORMALISED, "agentEmail": "a@foo.com"}),
        ],
    )
    def test_the_vendors_examples(self, passage: str, body: Json, sent: Json) -> None:
        """The vendor's page, word for word; numbers travel in E.164, which the vendor's guide shows too."""
        (draft,) = PROVIDER.read(ACCOUNT, body, "")
        assert draft.action == "text"
        assert json.loads(PROVIDER.build(ACCOUNT, [command(draft.fields)]).body) == sent

    @pytest.mark.parametrize("target", ["", NUMBER, "+1 (628) 555-0199"])
    def test_the_number_beside_the_body_may_be_the_bodys_own(self, target: str) -> None:
        assert PROVIDER.read(ACCOUNT, BODY, target)[0].fields["outbound_number"] == "+1 628-555-0199"

    def test_the_number_beside_the_body_may_stand_for_the_bodys(self) -> None:
        body = {name: value for name, value in BODY.items() if name != "outbound_number"}
        assert PROVIDER.read(ACCOUNT, body, NUMBER)[0].fields["outbound_number"] == NUMBER

    @pytest.mark.parametrize("name", ["chat_type", "end_user_number", "outbound_number", "message"])
    def test_what_the_vendor_requires_is_asked_for_or_filled_in(self, name: str) -> None:
        """The page's failing examples leave one property out."""
        body = {key: value for key, value in BODY.items() if key != name}
        (draft,) = PROVIDER.read(ACCOUNT, body, "")
        form = TEXT.form(flat(draft.fields), context=FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
        assert list(form.errors) == ([] if name == "chat_type" else [name])

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("chat_type", "In-app"),
            ("end_user_number", "12345"),
            ("outbound_number", "12345"),
            ("outbound_number", "+82 000-000-0000"),
            ("message", ""),
        ],
    )
    def test_the_vendors_failing_values_are_caught_in_the_form(self, name: str, value: str) -> None:
        (draft,) = PROVIDER.read(ACCOUNT, {**BODY, name: value}, "")
        form = TEXT.form(flat(draft.fields), context=FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
        assert list(form.errors) == [name]

    @pytest.mark.parametrize(
        ("body", "field", "said"),
        [
            ([], "", "one JSON object"),
            (None, "", "one JSON object"),
            ({**BODY, "chat_subtype": "api_initiated", "Message": "x"}, "", "no property named Message, chat_subtype"),
            ({**BODY, "message": None}, "message", "message must be a text"),
            ({**BODY, "end_user_number": 14155550100}, "end_user_number", "end_user_number must be a text"),
            ({**BODY, "ticket_id": None}, "ticket_id", "ticket_id must be a text"),
            ({**BODY, "ticket_id": ""}, "ticket_id", "ticket_id is empty"),
            ({**BODY, "agentId": "1"}, "agent", "agentId must be a whole number"),
            ({**BODY, "agentId": True}, "agent", "agentId must be a whole number"),
            ({**BODY, "agentId": None}, "agent", "agentId must be a whole number"),
            ({**BODY, "agentEmail": 1}, "agent", "agentEmail an e-mail address"),
            ({**BODY, "agentEmail": "1"}, "agent", "agentEmail an e-mail address"),
            ({**BODY, "agentId": 1, "agentEmail": "a@foo.com"}, "agent", "Name the agent once.*agentId, agentEmail"),
            ({**BODY, "agentId": 1, "agent_id": 1}, "agent", "Name the agent once"),
        ],
    )
    def test_what_a_text_cannot_carry(self, body: Json, field: str, said: str) -> None:
        with pytest.raises(CannotExpress, match=said) as caught:
            PROVIDER.read(ACCOUNT, body, "")
        assert caught.value.field == field

    def test_two_outbound_numbers_cannot_be_meant(self) -> None:
        with pytest.raises(CannotExpress, match="another outbound number") as caught:
            PROVIDER.read(ACCOUNT, BODY, "+16285550142")
        assert caught.value.field == "outbound_number"

    @given(body=st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=6))
    @QUICK
    def test_any_json_gives_a_draft_or_is_refused(self, body: Json) -> None:
        actions = ["text"]
        with suppress(CannotExpress):
            actions = [draft.action for draft in PROVIDER.read(ACCOUNT, body, "")]
        assert actions == ["text"]


texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=200).filter(str.strip)
bodies = st.fixed_dictionaries(
    {
        "chat_type": st.sampled_from(["Messaging (SMS)", "Messaging (API)", "SMS"]),
        "end_user_number": st.integers(0, 9999).map(lambda number: f"+1415555{number:04}"),
        "outbound_number": st.just(NUMBER),
        "message": texts,
    },
    optional={"ticket_id": texts.map(str.strip), "agentId": st.integers(8, 2**63 - 1)},
)


@given(body=bodies)
@QUICK
def test_a_documented_body_comes_back_as_it_was(body: dict[str, Any]) -> None:
    """In composed form (NFC), in which all texts are sent."""
    composed = {name: normalize("NFC", value) if isinstance(value, str) else value for name, value in body.items()}
    (draft,) = PROVIDER.read(ACCOUNT, composed, "")
    assert json.loads(PROVIDER.build(ACCOUNT, [command(draft.fields)]).body) == composed
