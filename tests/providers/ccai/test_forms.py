"""What the text form takes and refuses: every limit at, above and below, each refusal in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.ccai import PROVIDER
from providers.ccai.forms import AgentForm, ConnectionForm, NumberForm
from providers.fields import ActionForm, FormContext, HeldCatalogue, flat
from providers.types import Account, Item
from tests.providers.ccai.samples import ACCOUNT, FULL, ITEMS, LEAST, NUMBER
from tests.providers.contract import NOW, QUICK, REF

TEXT = PROVIDER.action("text")
INT64 = 2**63 - 1


def form(account: Account = ACCOUNT, /, **fields: Any) -> ActionForm:
    """The text form with the least it needs and these fields."""
    return TEXT.form(flat({**LEAST, **fields}), context=FormContext(account, REF, "UTC", NOW, HeldCatalogue(ITEMS)))


def values(account: Account = ACCOUNT, /, **fields: Any) -> dict[str, Any]:
    """The command's values with the least that is needed and these fields."""
    given = form(account, **fields)
    assert given.is_valid(), given.errors
    return dict(TEXT.command(given).values)


SENT = {"chat_type": "Messaging (SMS)", "end_user_number": "+14155550100", "outbound_number": NUMBER, "message": "lorem ipsum"}
TAKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("end_user_number", "+1 415-555-0100", {"end_user_number": "+14155550100"}),
    ("end_user_number", "(415) 555-0100", {"end_user_number": "+14155550100"}),
    ("end_user_number", "415.555.0100\n", {"end_user_number": "+14155550100"}),
    ("end_user_number", "+44 7700 900123", {"end_user_number": "+447700900123"}),
    ("end_user_number", "＋１ ４１５ ５５５ ０１００", {"end_user_number": "+14155550100"}),
    ("end_user_number", "\u202atel:+1 415\u2212555\u20140100\u202c\u200b", {"end_user_number": "+14155550100"}),
    ("outbound_number", "+1 628-555-0199", {"outbound_number": NUMBER}),
    ("outbound_number", " (628) 555 0199 ", {"outbound_number": NUMBER}),
    ("message", "x", {"message": "x"}),
    ("message", "x" * 160, {"message": "x" * 160}),
    ("message", "x" * 161, {"message": "x" * 161}),
    ("message", "x" * 1599, {"message": "x" * 1599}),
    ("message", "x" * 1600, {"message": "x" * 1600}),
    ("message", " two\r\nlines ", {"message": " two\nlines "}),
    ("message", "cafe\u0301 👩‍👩‍👧 שלום", {"message": "café 👩‍👩‍👧 שלום"}),
    ("ticket_id", "5006x00000XXxxxXXX", {"ticket_id": "5006x00000XXxxxXXX"}),
    ("ticket_id", "x" * 255, {"ticket_id": "x" * 255}),
    ("agent", "1", {"agentId": 1}),
    ("agent", "0042", {"agentId": 42}),
    ("agent", str(INT64), {"agentId": INT64}),
    ("agent", "john.doe@foo.com", {"agentEmail": "john.doe@foo.com"}),
    ("agent", " new.agent@foo.com ", {"agentEmail": "new.agent@foo.com"}),
    ("chat_type", "Messaging (SMS)", {}),
    ("chat_type", "Messaging (API)", {"chat_type": "Messaging (API)"}),
    ("chat_type", "SMS", {"chat_type": "SMS"}),
    ("chat_type", "", {}),
]


@pytest.mark.parametrize(("field", "typed", "sent"), TAKEN, ids=lambda value: str(value)[:30])
def test_what_is_taken(field: str, typed: str, sent: dict[str, Any]) -> None:
    assert values(**{field: typed}) == {**SENT, **sent}


REFUSED = [
    ("end_user_number", "", "This field is required."),
    ("end_user_number", "12345", "For United States of America this is too short: digits are missing."),
    ("end_user_number", "+1 415-555-010", "For United States of America this is too short: digits are missing."),
    ("end_user_number", "+1 415-555-01000", "For United States of America this is too long: it has digits too many."),
    (
        "end_user_number",
        "555-0100",
        "The area code is missing: write it as dialled from elsewhere in the country (United States of America).",
    ),
    ("end_user_number", "+1 415-555-0100 ext. 5", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
    ("end_user_number", "+١ ٤١٥ ٥٥٥ ٠١٠٠", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
    ("end_user_number", "1-800-FLOWERS", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
    ("end_user_number", "+999 123456", "This is not a telephone number; write it like +1 415-555-0100."),
    ("end_user_number", "+1 900-555-0100", "This is a premium-rate number; texts go to ordinary numbers only."),
    ("end_user_number", "+44 909 879 0000", "This is a premium-rate number; texts go to ordinary numbers only."),
    ("end_user_number", "+1 628-555-0199", "This is one of your own outbound numbers; enter the customer's number."),
    ("end_user_number", "+1 628-555-0142", "This is one of your own outbound numbers; enter the customer's number."),
    ("outbound_number", "", "Choose the outbound number."),
    (
        "outbound_number",
        "12345",
        "The catalogue of this connection has no outbound number “12345”. Choose one from the list or set it up first.",
    ),
    (
        "outbound_number",
        "+82 2-312-3456",
        "The catalogue of this connection has no outbound number “+8223123456”. Choose one from the list or set",
    ),
    ("outbound_number", "+16285550142", "The outbound number “+16285550142” is archived. Choose another or restore it first."),
    ("message", "", "This field is required."),
    ("message", " \n ", "Write a message; spaces alone are refused."),
    ("message", "x" * 1601, "Ensure this value has at most 1600 characters (it has 1601)."),
    ("message", "a\u202eb", "This has a character that cannot be seen (U+202E); take it out."),
    ("message", "a\x1bb", "This has a character that cannot be seen (U+001B); take it out."),
    ("message", "a\ud800b", "This has a character that cannot be seen (U+D800); take it out."),
    ("message", "a\u2028b", "This has a character that cannot be seen (U+2028); take it out."),
    ("ticket_id", "x" * 256, "Ensure this value has at most 255 characters (it has 256)."),
    ("ticket_id", "a\nb", "This has a line break; it must be one line."),
    ("agent", "0", "An agent's ID lies between 1 and 9,223,372,036,854,775,807."),
    ("agent", str(INT64 + 1), "An agent's ID lies between 1 and 9,223,372,036,854,775,807."),
    ("agent", "-1", "Enter the agent's ID, a whole number, or e-mail address. The agent number is something else."),
    ("agent", "Somebody Else", "Enter the agent's ID, a whole number, or e-mail address. The agent number is something else."),
    ("agent", "john.doe@", "Enter the agent's ID, a whole number, or e-mail address. The agent number is something else."),
    ("agent", "7", "The agent “7” is archived. Choose another or restore it first."),
    ("chat_type", "In-app", "Select a valid choice. In-app is not one of the available choices."),
]


@pytest.mark.parametrize(("field", "typed", "said"), REFUSED, ids=lambda value: ascii(value)[:30])
def test_what_is_refused(field: str, typed: str, said: str) -> None:
    given = form(**{field: typed})
    assert not given.is_valid()
    assert list(given.errors) == [field]
    assert str(given.errors[field][0]).startswith(said)


def test_a_national_number_needs_the_connections_country() -> None:
    british = replace(ACCOUNT, country="GB")
    assert values(british, end_user_number="07700 900123")["end_user_number"] == "+447700900123"
    nowhere = form(replace(ACCOUNT, country=""), end_user_number="07700 900123")
    assert str(nowhere.errors["end_user_number"][0]) == "Start the number with + and the country code, like +1 415-555-0100."


def test_the_chat_type_of_the_connection_is_used_unless_another_is_chosen() -> None:
    account = replace(ACCOUNT, settings={**ACCOUNT.settings, "chat_type": "Messaging (API)"})
    assert values(account)["chat_type"] == "Messaging (API)"
    assert values(account, chat_type="SMS")["chat_type"] == "SMS"
    assert TEXT.form(None, context=FormContext(account, REF, "UTC", NOW, HeldCatalogue(ITEMS)))["chat_type"].value() == "Messaging (API)"


class TestCautions:
    def test_an_ordinary_text_has_none(self) -> None:
        given = form(end_user_number="+1 202-456-1414")
        assert given.is_valid()
        assert given.cautions() == []

    @pytest.mark.parametrize(
        ("field", "typed", "words"),
        [("end_user_number", "+1 555-123-4567", "known to be in use"), ("chat_type", "SMS", "deprecated")],
    )
    def test_what_is_pointed_out(self, field: str, typed: str, words: str) -> None:
        given = form(**{"end_user_number": "+1 202-456-1414", field: typed})
        assert given.is_valid()
        assert [caution.field for caution in given.cautions()] == [field]
        assert words in str(given.cautions()[0].text)


class TestSummary:
    def test_it_masks_the_customer_and_hides_the_text(self) -> None:
        given = form(**FULL)
        assert given.is_valid()
        summary = TEXT.summarise(TEXT.command(given))
        assert summary.sentence == (
            "Text +1 415-•••-0100 from +1 628-555-0199: a message of 11 characters, linked to ticket 5006x00000XXxxxXXX, for agent 1."
        )
        assert (summary.target, summary.detail) == (NUMBER, "to +1 415-•••-0100")
        assert summary.references == (("ticket_id", "5006x00000XXxxxXXX"),)
        assert summary.personal == ("+14155550100",)
        assert "lorem ipsum" not in repr(summary)

    def test_the_least(self) -> None:
        given = form(message="x")
        assert given.is_valid()
        summary = TEXT.summarise(TEXT.command(given))
        assert summary.sentence == "Text +1 415-•••-0100 from +1 628-555-0199: a message of 1 character."
        assert summary.references == ()

    def test_what_is_masked(self) -> None:
        assert TEXT.mask == {"end_user_number", "message"}


def test_suggestions_leave_out_what_is_archived() -> None:
    fields = form().fields
    assert fields["agent"].suggestions == [("1", "John Doe"), ("mei.tan@foo.com", "Mei Tan")]  # type: ignore[attr-defined]
    assert fields["outbound_number"].choices == [("", "Choose…"), (NUMBER, "Customer care")]  # type: ignore[attr-defined]


@given(fields=st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=60)))
@QUICK
def test_anything_typed_gives_a_command_or_an_error(fields: dict[str, str]) -> None:
    given = form(**fields)
    if given.is_valid():
        command = TEXT.command(given)
        assert TEXT.summarise(command).sentence
        assert PROVIDER.build(ACCOUNT, [command]).body
        given.cautions()
    assert set(given.errors) <= set(FULL)


@given(number=st.from_regex(r"\+?[0-9 ()./\-]{3,20}", fullmatch=True))
@QUICK
def test_anything_like_a_number_gives_e164_or_an_error(number: str) -> None:
    given = form(end_user_number=number)
    if given.is_valid():
        given.cautions()
        sent = TEXT.command(given).values["end_user_number"]
        assert sent[0] == "+"
        assert sent[1:].isascii()
        assert 7 <= len(sent) - 1 <= 15


class TestItems:
    def test_a_number_is_kept_in_international_form(self) -> None:
        given = NumberForm({"key": "(628) 555-0199", "label": "Customer care"}, account=ACCOUNT)
        assert given.is_valid(), given.errors
        assert given.item() == Item(NUMBER, "Customer care", {})

    @pytest.mark.parametrize("key", ["", "12345", "Customer care", "+82 000-000-0000 x1"])
    def test_what_is_no_number(self, key: str) -> None:
        assert "key" in NumberForm({"key": key}, account=ACCOUNT).errors

    @pytest.mark.parametrize(("key", "kept"), [("1", "1"), ("007", "7"), ("john.doe@foo.com", "john.doe@foo.com")])
    def test_an_agent_is_an_id_or_an_address(self, key: str, kept: str) -> None:
        given = AgentForm({"key": key}, account=ACCOUNT)
        assert given.is_valid(), given.errors
        assert given.item() == Item(kept, "", {})

    @pytest.mark.parametrize("key", ["", "John Doe", "0", "1.5"])
    def test_what_is_no_agent(self, key: str) -> None:
        assert "key" in AgentForm({"key": key}, account=ACCOUNT).errors


class TestConnectionForm:
    def test_a_tenant(self) -> None:
        given = ConnectionForm({"subdomain": "Customer", "domain": "UC1.ccaiplatform.com"})
        assert given.is_valid(), given.errors
        assert given.settings() == dict(ACCOUNT.settings)
        assert PROVIDER.endpoints(ACCOUNT) == (
            "https://customer.uc1.ccaiplatform.com/apps/api/v1/sms",
            "https://customer.uc1.ccaiplatform.com/manager/api/v1/chats",
        )

    def test_the_domain_has_a_default(self) -> None:
        given = ConnectionForm({"subdomain": "customer", "domain": ""})
        assert given.is_valid()
        assert given.settings()["domain"] == "uc1.ccaiplatform.com"
        assert ConnectionForm()["domain"].value() == "uc1.ccaiplatform.com"

    def test_another_address_keeps_the_user_name(self) -> None:
        given = ConnectionForm(
            {"subdomain": "customer", "base_url": "http://127.0.0.1:8025/ccai/", "agent_keys": "snake", "chat_type": "SMS"}
        )
        assert given.is_valid()
        account = replace(ACCOUNT, settings=given.settings())
        assert account.settings["agent_keys"] == "snake"
        assert account.settings["chat_type"] == "SMS"
        assert PROVIDER.endpoints(account)[0] == "http://127.0.0.1:8025/ccai/apps/api/v1/sms"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("subdomain", ""),
            ("subdomain", "https://customer"),
            ("subdomain", "customer.uc1"),
            ("subdomain", "-customer"),
            ("subdomain", "customer@evil"),
            ("subdomain", "x" * 64),
            ("subdomain", "кустомер"),
            ("domain", "ccaiplatform"),
            ("domain", "uc1.ccaiplatform.com/x"),
            ("domain", "uc1.ccaiplatform.com:444"),
            ("domain", "evil@uc1.ccaiplatform.com"),
            ("domain", ".ccaiplatform.com"),
            ("domain", "uc1..com"),
            ("base_url", "customer.uc1.ccaiplatform.com"),
            ("base_url", "https://user:secret@customer.uc1.ccaiplatform.com"),
            ("agent_keys", "kebab"),
            ("chat_type", "In-app"),
        ],
    )
    def test_what_is_refused(self, field: str, typed: str) -> None:
        assert list(ConnectionForm({"subdomain": "customer", field: typed}).errors) == [field]
