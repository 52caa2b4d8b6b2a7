"""The shared form fields: limits, characters, telephone numbers, countries, moments, rows, choices of the catalogue."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.fields import (
    E164,
    CountryCodeField,
    InstantField,
    PhoneField,
    SecondsField,
    TextField,
    WholeNumberField,
    country_choices,
    number_in_words,
    read_number,
)


def refused(field: forms.Field, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return str(caught.value.messages[0])


class TestText:
    @pytest.mark.parametrize(
        ("typed", "becomes"),
        [("  x  ", "x"), ("e\u0301", "é"), ("👩‍🚀", "👩‍🚀"), ("a\tb", "a\tb"), ("עברית", "עברית")],
    )
    def test_composed_and_trimmed(self, typed: str, becomes: str) -> None:
        assert TextField().clean(typed) == becomes

    @pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x7F, 0x85, 0x061C, 0x200B, 0x200E, 0x202E, 0x2028, 0x2060, 0x2066, 0xFEFF, 0xD800])
    def test_characters_that_cannot_be_seen(self, code: int) -> None:
        for field in (TextField(), TextField(lines=True)):
            assert refused(field, f"a{chr(code)}b") == f"This has a character that cannot be seen (U+{code:04X}); take it out."

    def test_line_breaks(self) -> None:
        assert refused(TextField(), "a\nb") == "This has a line break; it must be one line."
        assert refused(TextField(), "a\rb") == "This has a line break; it must be one line."
        assert TextField(lines=True).clean("a\r\nb\rc\nd") == "a\nb\nc\nd"

    def test_length_counts_what_is_kept(self) -> None:
        assert TextField(max_length=3).clean(" e\u0301e\u0301e\u0301 ") == "ééé"
        assert refused(TextField(max_length=3), "éééé") == "Ensure this value has at most 3 characters (it has 4)."
        assert TextField(lines=True, max_length=3).clean("a\r\nb") == "a\nb"

    @given(text=st.text(max_size=30))
    @settings(max_examples=300)
    def test_what_is_taken_can_be_stored_and_sent(self, text: str) -> None:
        try:
            clean = TextField(required=False, lines=True).clean(text)
        except ValidationError:
            return
        assert "\x00" not in clean
        assert json.loads(json.dumps(clean, ensure_ascii=False).encode()) == clean
        assert TextField(required=False, lines=True).clean(clean) == clean


class TestWholeNumbers:
    @pytest.mark.parametrize(
        ("typed", "number"), [("7", 7), (" 7 ", 7), ("007", 7), (7, 7), ("0", 0), ("10", 10), ("", None), (None, None)]
    )
    def test_digits(self, typed: Any, number: int | None) -> None:
        assert WholeNumberField(least=0, most=10, required=False).clean(typed) == number

    @pytest.mark.parametrize("typed", ["1.0", "1e1", "+1", "٣", "\uff11", "1 0", "0x1", "1_0", "--1", "1\n2", "9" * 19, "seven", True])
    def test_anything_else(self, typed: Any) -> None:
        assert refused(WholeNumberField(least=0, most=10), typed) == "Enter a whole number in digits 0–9."

    def test_bounds(self) -> None:
        field = WholeNumberField(least=5, most=10_000)
        assert refused(field, 4) == "At least 5."
        assert refused(field, -4) == "At least 5."
        assert refused(field, 10_001) == "At most 10,000."
        assert refused(field, "") == "This field is required."

    def test_seconds(self) -> None:
        assert SecondsField().clean(2_678_399) == 2_678_399
        assert refused(SecondsField(), 2_678_400) == "At most 2,678,399 seconds (31 days)."
        assert refused(SecondsField(least=1), 0) == "At least 1."
        assert str(SecondsField().unit) == "seconds"


class TestCountries:
    @pytest.mark.parametrize(("typed", "code"), [("GBR", "GBR"), ("gbr", "GBR"), (" usa ", "USA"), ("TWN", "TWN")])
    def test_alpha_3(self, typed: str, code: str) -> None:
        assert CountryCodeField().clean(typed) == code

    @pytest.mark.parametrize("typed", ["GB", "XXX", "GBRR", "826"])
    def test_nothing_else(self, typed: str) -> None:
        assert refused(CountryCodeField(), typed) == f"“{typed}” is not an ISO 3166 three-letter country code, like GBR."

    def test_all_249_and_a_blank_one_by_name(self) -> None:
        choices = country_choices()
        assert len(choices) == 250
        assert choices[0] == ("", "—")
        assert choices[1:] == sorted(choices[1:], key=lambda choice: choice[1])
        assert len({code for code, _name in choices}) == 250


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "country", "number"),
        [
            ("+44 7700 900658", "", "+447700900658"),
            ("07700 900658", "GB", "+447700900658"),
            ("(415) 555-0100", "US", "+14155550100"),
            ("+1.415.555.0100", "GB", "+14155550100"),
            ("\uff0b\uff11 415 555 0100", "", "+14155550100"),
            ("00 44 7700 900658", "GB", "+447700900658"),
            ("0044 7700 900658", "US", "+447700900658"),
            ("0044 7700 900658", "", "+447700900658"),
        ],
    )
    def test_become_e164(self, typed: str, country: str, number: str) -> None:
        assert read_number(typed, country) == number
        assert E164.fullmatch(number)

    @pytest.mark.parametrize(
        ("typed", "country", "sentence"),
        [
            ("call me", "GB", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("+44 7700 900658 ext 7", "", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("tel:", "", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("+1 415~555~0100", "", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("+٤٤٧٧٠٠٩٠٠٦٥٨", "", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("+447700900658\n1", "", "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."),
            ("07700 900658", "", "Start the number with + and the country code, like +1 415-555-0100."),
            ("+999 7700 900658", "", "This is not a telephone number; write it like +1 415-555-0100."),
            ("+44 77", "", "For United Kingdom this is too short: digits are missing."),
            ("+44 7700 900658 7777", "", "For United Kingdom this is too long: it has digits too many."),
        ],
    )
    def test_what_is_none(self, typed: str, country: str, sentence: str) -> None:
        with pytest.raises(ValidationError) as caught:
            read_number(typed, country)
        assert caught.value.messages == [sentence]

    @pytest.mark.parametrize("dash", list("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), ids=ascii)
    def test_dashes_of_other_programs(self, dash: str) -> None:
        assert read_number(f"+1 415{dash}555{dash}0100", "") == "+14155550100"
        assert read_number(f"(415) 555{dash}0100", "US") == "+14155550100"

    @pytest.mark.parametrize("mark", list("\u200b\u200d\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff"), ids=ascii)
    def test_marks_that_cannot_be_seen(self, mark: str) -> None:
        assert read_number(f"{mark}+1 415{mark} 555-0100{mark}", "") == "+14155550100"
        assert PhoneField().clean(f"{mark}+14155550100{mark}") == "+14155550100"
        assert refused(PhoneField(), mark) == "A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."

    @pytest.mark.parametrize("typed", ["tel:+1-415-555-0100", "TEL: +1 415 555 0100", "\u202atel:\u202c+14155550100"])
    def test_a_telephone_link(self, typed: str) -> None:
        assert read_number(typed, "") == "+14155550100"

    @given(text=st.text(max_size=25) | st.from_regex(r"\+?[0-9 ()./-]{3,25}", fullmatch=True))
    @settings(max_examples=300)
    def test_any_text_is_a_number_or_refused(self, text: str) -> None:
        try:
            assert E164.fullmatch(read_number(text, "GB"))
        except ValidationError as error:
            assert error.messages[0].endswith(".")  # noqa: PT017

    def test_a_field_without_a_value(self) -> None:
        assert PhoneField(required=False).clean("") == ""

    def test_in_words(self) -> None:
        assert number_in_words("+14155550100") == "+1 415-555-0100"
        assert number_in_words("0654321") == "0654321"


class TestMoments:
    def field(self, zone: str = "Europe/London") -> InstantField:
        field = InstantField(required=False)
        field.zone = zone
        return field

    @pytest.mark.parametrize(
        ("typed", "moment"),
        [
            ("2026-11-20T18:00", "2026-11-20T18:00:00+00:00"),
            ("2026-07-20T18:00", "2026-07-20T18:00:00+01:00"),
            ("2026-07-20T18:00:00.000+05:30", "2026-07-20T18:00:00+05:30"),
            ("2026-07-20T18:00Z", "2026-07-20T18:00:00+00:00"),
            # Beside the hour that happens twice, and in it with an offset.
            ("2027-10-31T00:59", "2027-10-31T00:59:00+01:00"),
            ("2027-10-31T02:00", "2027-10-31T02:00:00+00:00"),
            ("2027-10-31T01:30:00.000+00:00", "2027-10-31T01:30:00+00:00"),
            ("2027-10-31T01:30:00.000+01:00", "2027-10-31T01:30:00+01:00"),
        ],
    )
    def test_an_offset_or_the_readers_zone(self, typed: str, moment: str) -> None:
        found = self.field().clean(typed)
        assert found is not None
        assert found.isoformat() == moment

    def test_an_hour_that_the_clocks_skip(self) -> None:
        assert refused(self.field(), "2026-03-29T01:30") == "In Europe/London the clocks go forward over this time; choose another."
        assert self.field("UTC").clean("2026-03-29T01:30") is not None

    @pytest.mark.parametrize(
        ("zone", "typed", "start", "end"),
        [
            ("Europe/London", "2027-10-31T01:00", "01:00", "02:00"),
            ("Europe/London", "2027-10-31T01:30", "01:00", "02:00"),
            ("Europe/London", "2027-10-31T01:59:59.999", "01:00", "02:00"),
            ("Australia/Lord_Howe", "2027-04-04T01:45", "01:30", "02:00"),
            ("Asia/Beirut", "2027-10-30T23:30", "23:00", "00:00"),
        ],
    )
    def test_an_hour_that_happens_twice(self, zone: str, typed: str, start: str, end: str) -> None:
        assert refused(self.field(zone), typed) == (
            f"In {zone} the clocks go back on this day and the time from {start} to {end} happens twice; "
            f"choose one before {start}, or {end} or later."
        )

    @pytest.mark.parametrize("pasted", ["2027-10-31T00:30:00.000+00:00", "2027-10-31T01:30:00.000+00:00"])
    def test_a_pasted_moment_in_that_hour_is_not_sent_at_another(self, pasted: str) -> None:
        shown = self.field().prepare_value(pasted)
        assert shown == "2027-10-31T01:30"
        assert "happens twice" in refused(self.field(), shown)

    @given(moment=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2037, 1, 1)))
    @settings(max_examples=300)
    def test_what_is_shown_is_the_same_moment_or_refused(self, moment: datetime) -> None:
        there = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
        try:
            assert self.field().clean(self.field().prepare_value(there.isoformat())) == there
        except ValidationError as error:
            assert "happens twice" in error.messages[0]  # noqa: PT017

    @pytest.mark.parametrize(
        ("pasted", "shown"),
        [
            ("2027-06-01T12:00:00.000+00:00", "2027-06-01T13:00"),
            ("2027-06-01T12:00:45+00:00", "2027-06-01T13:00:45"),
            ("2027-06-01T12:00:00.250+00:00", "2027-06-01T13:00:00.250"),
            ("2027-06-01T12:00:45", "2027-06-01T12:00:45"),
            ("soon", "soon"),
        ],
    )
    def test_seconds_are_shown_when_there_are_some(self, pasted: str, shown: str) -> None:
        assert self.field().prepare_value(pasted) == shown

    @pytest.mark.parametrize(
        "typed", ["soon", "2026-13-01T00:00", "20.11.2026 18:00", "1795000000", "2026-12-01", "20261201", "2026-W49-2", "2026-12-01T10"]
    )
    def test_what_is_none(self, typed: str) -> None:
        assert refused(self.field(), typed).startswith("Enter a date and time like 2026-11-20T18:00")
