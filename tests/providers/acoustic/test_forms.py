"""What the send form takes and refuses: every limit at, above and below, each refusal in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.acoustic import PROVIDER
from providers.acoustic.forms import ConnectionForm, MessageForm, SourceForm
from providers.acoustic.payload import PODS
from providers.fields import ActionForm, FormContext, HeldCatalogue, flat
from providers.types import Item
from tests.providers.acoustic.samples import ACCOUNT, ARCHIVED, FULL, ITEMS, LEAST, MESSAGE, NAME
from tests.providers.contract import NOW, QUICK, REF

SEND = PROVIDER.action("send")
INT64, INT32 = 2**63 - 1, 2**31 - 1


def form(zone: str = "Europe/London", **fields: Any) -> ActionForm:
    """The send form with the least it needs and these fields."""
    return SEND.form(flat({**LEAST, **fields}), context=FormContext(ACCOUNT, REF, zone, NOW, HeldCatalogue(ITEMS)))


def values(**fields: Any) -> dict[str, Any]:
    """The command's values with the least that is needed and these fields."""
    given = form(**fields)
    assert given.is_valid(), given.errors
    return dict(SEND.command(given).values)


def refusal(field: str, **fields: Any) -> str:
    """The one error of the form, which stands at that field."""
    given = form(**fields)
    assert not given.is_valid()
    assert list(given.errors) == [field]
    return str(given.errors[field][0])


TAKEN = [
    ("contact_source", "1", "contactSourceId", 1),
    ("contact_source", str(INT64), "contactSourceId", INT64),
    ("contact_source", " 4396816 ", "contactSourceId", 4396816),
    ("contact_source", "0004396816", "contactSourceId", 4396816),
    ("contact_source", "4396820", "contactSourceId", 4396820),
    ("contact_source", "loyal customers", "contactSourceId", 4396820),
    ("pre_blocking_hours", "0", "preBlockingHours", 0),
    ("pre_blocking_hours", "1", "preBlockingHours", 1),
    ("pre_blocking_hours", str(INT32), "preBlockingHours", INT32),
    ("external_system_name", "x" * 1999, "externalSystemName", "x" * 1999),
    ("external_system_name", "x" * 2000, "externalSystemName", "x" * 2000),
    ("external_system_reference_id", "é" * 2000, "externalSystemReferenceId", "é" * 2000),
    ("folder", "x" * 500, "folder", "x" * 500),
    ("scheduled_date", "2026-11-20T14:00:00.000+00:00", "scheduledDate", "2026-11-20T14:00:00.000+00:00"),
    ("scheduled_date", "2026-11-20T14:00", "scheduledDate", "2026-11-20T14:00:00.000+00:00"),
    ("scheduled_date", "2027-07-01T18:00", "scheduledDate", "2027-07-01T17:00:00.000+00:00"),
    ("scheduled_date", "2026-12-24T18:00:00.250-05:00", "scheduledDate", "2026-12-24T23:00:00.250+00:00"),
    ("scheduled_date", "9999-12-31T23:59:59.999+00:00", "scheduledDate", "9999-12-31T23:59:59.999+00:00"),
]


@pytest.mark.parametrize(("field", "typed", "name", "sent"), TAKEN, ids=lambda value: str(value)[:30])
def test_what_is_taken(field: str, typed: str, name: str, sent: Any) -> None:
    assert values(**{field: typed}) == {"publishedMessageId": MESSAGE, name: sent}


REFUSED = [
    ("message", "", "Choose the published message."),
    (
        "message",
        "11111111-1111-4111-8111-111111111111",
        "The catalogue of this connection has no published message “11111111-1111-4111-8111-1",
    ),
    ("message", ARCHIVED, f"The published message “{ARCHIVED}” is archived. Choose another or restore it first."),
    ("contact_source", "0", "A contact source's ID lies between 1 and 9,223,372,036,854,775,807."),
    ("contact_source", str(INT64 + 1), "A contact source's ID lies between 1 and 9,223,372,036,854,775,807."),
    ("contact_source", "9" * 40, "A contact source's ID lies between 1 and 9,223,372,036,854,775,807."),
    ("contact_source", "-1", "Enter a contact source's ID, a whole number like 4396816, or the name of one in the catalogue."),
    ("contact_source", "1.0", "Enter a contact source's ID, a whole number like 4396816, or the name of one in the catalogue."),
    ("contact_source", "４３９", "Enter a contact source's ID, a whole number like 4396816, or the name of one in the catalogue."),
    ("contact_source", "Loyal custom", "Enter a contact source's ID, a whole number like 4396816, or the name of one in the catalogue."),
    ("contact_source", "4396899", "The contact source “4396899” is archived. Choose another or restore it first."),
    ("message_name", "   ", "A message name of spaces alone is refused by Acoustic; write a name or leave it empty."),
    ("message_name", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ("message_name", "a\nb", "This has a line break; it must be one line."),
    ("message_name", "a\u202eb", "This has a character that cannot be seen (U+202E); take it out."),
    ("pre_blocking_hours", "-1", "At least 0."),
    ("pre_blocking_hours", str(INT32 + 1), "At most 2,147,483,647."),
    ("pre_blocking_hours", "1.5", "Enter a whole number in digits 0–9."),
    ("pre_blocking_hours", "٤", "Enter a whole number in digits 0–9."),
    ("external_system_name", "x" * 2001, "Ensure this value has at most 2000 characters (it has 2001)."),
    ("external_system_reference_id", "x" * 2001, "Ensure this value has at most 2000 characters (it has 2001)."),
    ("folder", "x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ("folder", "a\x00b", "This has a character that cannot be seen (U+0000); take it out."),
    ("scheduled_date", "1970-01-01T00:00:00.000+00:00", "This time has passed. Choose a later one, or leave it empty to send at once."),
    ("scheduled_date", "2026-11-20T13:59:59.999+00:00", "This time has passed. Choose a later one, or leave it empty to send at once."),
    ("scheduled_date", "tomorrow", "Enter a date and time like 2026-11-20T18:00 or 2026-11-20T18:00:00.000+00:00."),
    ("scheduled_date", "2026-02-30T10:00", "Enter a date and time like 2026-11-20T18:00 or 2026-11-20T18:00:00.000+00:00."),
    ("scheduled_date", "2027-03-28T01:30", "In Europe/London the clocks go forward over this time; choose another."),
    ("scheduled_date", "9999-12-31T23:59:59.000-05:00", "This time is too far away."),
]


@pytest.mark.parametrize(("field", "typed", "said"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_refused(field: str, typed: str, said: str) -> None:
    assert refusal(field, **{field: typed}).startswith(said)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_ends_of_the_calendar_are_refused_or_taken_without_an_accident(zone: str, typed: str) -> None:
    given = form(zone, scheduled_date=typed)
    assert given.is_valid() or list(given.errors) == ["scheduled_date"]
    assert given["scheduled_date"].value() == typed


class TestMessageName:
    def test_it_is_suggested_with_the_reference_at_its_end(self) -> None:
        empty = SEND.form(None, context=FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue(ITEMS)))
        assert empty["message_name"].value() == NAME == PROVIDER.suggest_key(REF)

    @pytest.mark.parametrize("typed", [None, ""])
    def test_left_empty_it_is_made(self, typed: str | None) -> None:
        given = form(message_name=typed)
        assert given.is_valid()
        assert SEND.command(given).key == NAME

    @pytest.mark.parametrize("name", [" Autumn offer ", "Ωmega <b>&quot; 'x' 100 %", "x" * 200, "日本語のお知らせ"])
    def test_it_is_passed_on_to_the_letter(self, name: str) -> None:
        given = form(message_name=name)
        assert given.is_valid()
        assert SEND.command(given).key == name

    def test_spaces_at_its_ends_are_pointed_out(self) -> None:
        given = form(message_name=f" {NAME}")
        assert given.is_valid()
        assert [(each.field, str(each.text)) for each in given.cautions() if each.field == "message_name"] == [
            ("message_name", "The name begins or ends with a space. Acoustic accepts that and keeps it.")
        ]

    def test_one_that_is_not_ours_alone_is_pointed_out(self) -> None:
        given = form(message_name="Autumn offer")
        assert given.is_valid()
        assert f"does not end in {REF}" in " ".join(str(caution.text) for caution in given.cautions())

    def test_the_suggested_one_needs_no_caution(self) -> None:
        given = form(contact_source="4396816")
        assert given.is_valid()
        assert given.cautions() == []


class TestScheduledDate:
    @pytest.mark.parametrize(("when", "is_far"), [("2027-11-20T23:59", False), ("2027-11-22T00:00", True), ("9999-12-31T23:59", True)])
    def test_more_than_a_year_ahead_is_pointed_out(self, when: str, is_far: bool) -> None:
        given = valid(contact_source="4396816", scheduled_date=when)
        said = [(caution.field, str(caution.text)) for caution in given.cautions()]
        assert said == [("scheduled_date", "This is more than a year ahead. Check the year.")] * is_far


class TestAudience:
    def test_without_a_contact_source_the_messages_own_is_named(self) -> None:
        given = form()
        assert given.is_valid()
        assert [(caution.field, str(caution.text)) for caution in given.cautions()] == [
            ("contact_source", "Goes to the contact source that Acoustic has stored with the message: 4396816, as last noted here.")
        ]

    def test_an_unknown_own_source_is_said_to_be_unknown(self) -> None:
        context = FormContext(ACCOUNT, REF, "UTC", NOW, HeldCatalogue({"message": [Item(MESSAGE)]}))
        given = SEND.form(LEAST, context=context)
        assert given.is_valid()
        assert str(given.cautions()[0].text) == "Goes to the contact source that Acoustic has stored with the message."

    def test_contact_sources_are_suggested(self) -> None:
        suggested = form().fields["contact_source"].suggestions  # type: ignore[attr-defined]
        assert suggested == [("4396820", "Loyal customers")]

    def test_the_summary_names_audience_and_time(self) -> None:
        summary = SEND.summarise(SEND.command(valid(**FULL)))
        assert summary.sentence == (
            f"Send the published message {MESSAGE} to everybody in contact source 4396816, "
            f"on 24 December 2026, 18:00 UTC with 4 hours of pre-blocking, as “{NAME}”."
        )
        assert summary.target == MESSAGE
        assert dict(summary.references) == {"message_name": NAME, "published_message": MESSAGE, "external_id": "Param_12345_test"}
        assert summary.personal == ()

    def test_the_summary_of_the_least(self) -> None:
        summary = SEND.summarise(SEND.command(valid()))
        assert summary.sentence == f"Send the published message {MESSAGE} to everybody in the message’s own contact source, as “{NAME}”."

    def test_the_summary_of_pre_blocking_alone(self) -> None:
        sentence = SEND.summarise(SEND.command(valid(contact_source="4396820", pre_blocking_hours="1"))).sentence
        assert sentence == (
            f"Send the published message {MESSAGE} to everybody in contact source 4396820, with 1 hour of pre-blocking, as “{NAME}”."
        )

    def test_the_summary_has_the_seconds_that_are_sent(self) -> None:
        sentence = SEND.summarise(SEND.command(valid(scheduled_date="2027-06-01T12:00:45+00:00"))).sentence
        assert "contact source, on 1 June 2027, 12:00:45 UTC, as" in sentence

    def test_one_send_reaches_many(self) -> None:
        assert SEND.reaches_many


def valid(**fields: Any) -> ActionForm:
    given = form(**fields)
    assert given.is_valid(), given.errors
    return given


def test_no_repeat_leaves_after_the_scheduled_date() -> None:
    assert PROVIDER.latest(SEND.command(valid(**FULL))) == datetime.fromisoformat("2026-12-24T18:00:00+00:00")
    assert PROVIDER.latest(SEND.command(valid())) is None


@given(fields=st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=60)))
@QUICK
def test_anything_typed_gives_a_command_or_an_error(fields: dict[str, str]) -> None:
    given = form(**fields)
    if given.is_valid():
        command = SEND.command(given)
        assert SEND.summarise(command).sentence
        assert PROVIDER.build(ACCOUNT, [command]).body
        given.cautions()
    assert set(given.errors) <= set(FULL)


class TestMessageItems:
    @pytest.mark.parametrize("key", [MESSAGE, MESSAGE.upper(), f" {MESSAGE} "])
    def test_a_content_id_is_kept_in_lower_case(self, key: str) -> None:
        given = MessageForm({"key": key, "label": "Reminder", "contact_source": "4396816"}, account=ACCOUNT)
        assert given.is_valid(), given.errors
        assert given.item() == Item(MESSAGE, "Reminder", {"contact_source": "4396816"})

    @pytest.mark.parametrize("key", ["", "e3c3d1ea", f"{MESSAGE}0", f"{{{MESSAGE}}}", MESSAGE.replace("-", ""), "../../gdpr_jobs"])
    def test_anything_else_is_refused(self, key: str) -> None:
        assert "key" in MessageForm({"key": key}, account=ACCOUNT).errors

    def test_a_contact_source_is_a_number(self) -> None:
        assert SourceForm({"key": "4396816", "label": "All"}, account=ACCOUNT).is_valid()
        assert "key" in SourceForm({"key": "All customers"}, account=ACCOUNT).errors


class TestConnectionForm:
    @pytest.mark.parametrize(("pod", "host"), PODS.items())
    def test_each_pod_has_its_host(self, pod: str, host: str) -> None:
        given = ConnectionForm({"pod": pod, "base_url": "https://left.over.example"})
        assert given.is_valid()
        assert given.settings() == {"pod": pod}
        account = replace(ACCOUNT, settings=given.settings())
        assert PROVIDER.endpoints(account) == (f"https://{host}.goacoustic.com/rest", f"https://{host}.goacoustic.com/oauth/token")

    def test_the_pods_are_those_of_the_vendor(self) -> None:
        assert list(PODS) == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b"]

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("https://api5.silverpop.com/", "https://api5.silverpop.com"),
            ("https://API-campaign-US-0.goacoustic.com", "https://api-campaign-us-0.goacoustic.com"),
            ("http://127.0.0.1:8025/acoustic", "http://127.0.0.1:8025/acoustic"),
        ],
    )
    def test_another_address(self, typed: str, kept: str) -> None:
        given = ConnectionForm({"pod": "custom", "base_url": typed})
        assert given.is_valid(), given.errors
        assert given.settings() == {"pod": "custom", "base_url": kept}
        assert PROVIDER.endpoints(replace(ACCOUNT, settings=given.settings()))[1] == f"{kept}/oauth/token"

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "api5.silverpop.com",
            "ftp://api5.silverpop.com",
            "https://user@api5.silverpop.com",
            "https://api5.silverpop.com?x=1",
            "https://api5.silverpop.com#x",
            "https://api5.silverpop.com\\@evil.example",
            "https://api5.silverpop.com/../x",
            "https://api5.silverpop.com:99999",
            "https://аpi5.silverpop.com",
            "https:///rest",
        ],
    )
    def test_what_is_no_base_address(self, typed: str) -> None:
        assert "base_url" in ConnectionForm({"pod": "custom", "base_url": typed}).errors

    @pytest.mark.parametrize("pod", ["", "0", "c", "A"])
    def test_a_pod_must_be_chosen(self, pod: str) -> None:
        assert "pod" in ConnectionForm({"pod": pod}).errors
