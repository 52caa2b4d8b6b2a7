"""What may be seen of tokens and telephone numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.redact import mask_headers, mask_number, mask_personal, scrub


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+14155550100", "+1 415-•••-0100"),
        ("+1 (415) 555-0100", "+1 415-•••-0100"),
        ("14155550100", "+1 415-•••-0100"),
        ("+447700900658", "+44 7700 ••• 658"),
        ("+33612345678", "+33 6 •• •• 56 78"),
        ("+6581234567", "+65 •••• 4567"),
        ("+861012345678", "+86 10 •••• 5678"),
        ("+820000000000", "+82 •••••• 000"),
        ("07700900658", "••••••••658"),
        ("+2612000000", "+•••••••000"),
        ("555-0100", "•••-•100"),
        ("12345", "•••45"),
        ("1234", "•••4"),
        ("123", "•••"),
        ("٠١٢٣٤٥٦٧٨٩", "•••••••٧٨٩"),
        ("no number", "no number"),
        ("", ""),
    ],
)
def test_a_number_for_display(number: str, shown: str) -> None:
    assert mask_number(number) == shown


def numbers() -> st.SearchStrategy[str]:
    """Numbers in E.164 of every country that phonenumbers knows, and ones it does not."""
    regions = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
    known = regions.map(_example).filter(bool)
    return st.one_of(known, st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))


def _example(region: str) -> str:
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if number else ""


@given(numbers())
def test_no_long_run_of_digits_survives(number: str) -> None:
    shown = mask_number(number)
    assert not re.search(r"[0-9]{5}", shown)
    assert shown.count("•") >= 3
    assert len(re.sub(r"[^0-9]", "", shown)) <= len(number) - 1 - 3


@given(st.text())
def test_masking_is_total(text: str) -> None:
    assert isinstance(mask_number(text), str)
    assert isinstance(mask_personal(text, [text]), str)
    assert isinstance(scrub(text), str)


WRITTEN: dict[str, Callable[[str], str]] = {
    "E.164": lambda number: number,
    "digits": lambda number: number[1:],
    "international prefix": lambda number: f"00{number[1:]}",
    "grouped": lambda number: _formatted(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
    "link": lambda number: _formatted(number, phonenumbers.PhoneNumberFormat.RFC3966),
    "national digits": lambda number: _national(number) if len(_national(number)) >= 5 else number,
    "in brackets": lambda number: f"({number[:3]}) {number[3:6]} - {number[6:]}",
    "non-breaking spaces": lambda number: "\xa0".join(number),
    "escaped plus": lambda number: f"\\u002B{number[1:]}",
    "in a URL": quote,
}


def _formatted(number: str, style: int) -> str:
    """The number grouped; as it was when it is none of any country, because then phonenumbers may drop digits."""
    try:
        grouped = str(phonenumbers.format_number(phonenumbers.parse(number), style))
    except phonenumbers.NumberParseException:
        return number
    return grouped if re.sub(r"[^0-9]", "", grouped) == number[1:] else number


def _national(number: str) -> str:
    try:
        return str(phonenumbers.national_significant_number(phonenumbers.parse(number)))
    except phonenumbers.NumberParseException:
        return number


@pytest.mark.parametrize("way", WRITTEN)
@given(number=numbers(), before=st.text('abc {}":,\n'), after=st.text('xyz {}":,\n'))
def test_a_personal_number_is_masked_however_it_is_written(way: str, number: str, before: str, after: str) -> None:
    masked = mask_personal(f"{before}{WRITTEN[way](number)}{after}", [number])
    assert "•" in masked
    assert number[1:] not in re.sub(r"[^0-9]", "", masked)
    assert not re.search(r"[0-9]{5}", masked)


@given(number=numbers(), typed=st.sampled_from(["{0}", "00{1}", "{1}"]))
def test_a_number_that_is_personal_as_it_was_typed_is_masked_as_the_vendor_writes_it(number: str, typed: str) -> None:
    literal = typed.format(number, number[1:])
    body = json.dumps({"end_user_number": literal, "normalised": number})
    masked = mask_personal(body, [literal])
    assert literal not in masked
    assert number not in masked


def test_everything_else_stays() -> None:
    text = '{"to": "+14155550100", "message": "Your code is 41555, ticket 4155550199", "at": 1415555010}'
    assert mask_personal(text, ["+14155550100"]) == text.replace("+14155550100", "+1 415-•••-0100")
    assert mask_personal(text, []) == text
    assert mask_personal(text, [""]) == text


def test_several_numbers() -> None:
    masked = mask_personal('["+14155550100","+447700900658","447700900658"]', ["+14155550100", "+447700900658"])
    assert masked == '["+1 415-•••-0100","+44 7700 ••• 658","+44 7700 ••• 658"]'


def test_a_national_number_is_masked_with_its_country_code_too() -> None:
    assert mask_personal("07700900658 or +447700900658", ["07700900658"]) == "••••••••658 or +44••••••••658"


def test_a_short_number_is_masked_only_as_it_stands() -> None:
    assert mask_personal("1234 but 12 34", ["1234"]) == "•••4 but 12 34"


def test_headers() -> None:
    headers = (
        ("Authorization", "Bearer abc.def"),
        ("authorization", "Basic eDp5"),
        ("AUTHORIZATION", "Odd"),
        ("Cookie", "a=b"),
        ("Accept", "x"),
    )
    assert mask_headers(headers) == (
        ("Authorization", "Bearer ••••"),
        ("authorization", "Basic ••••"),
        ("AUTHORIZATION", "••••"),
        ("Cookie", "••••"),
        ("Accept", "x"),
    )
    assert mask_headers((("X-Key", "k"), ("Cookie", "c")), names=["x-key"]) == (("X-Key", "••••"), ("Cookie", "c"))


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("Authorization: Bearer abc.DEF-1_2~3+/4==", "Authorization: Bearer ••••"),
        ("basic  eDp5eg== sent", "basic •••• sent"),
        ('{"access_token":"abc","expires_in":7200}', '{"access_token":"••••","expires_in":7200}'),
        ("grant_type=x&client_secret=s%2Fx&refresh_token=r&scope=y", "grant_type=x&client_secret=••••&refresh_token=••••&scope=y"),
        ("password: hunter2, next", "password: ••••, next"),
        ("https://user:pass@host/path", "https://••••@host/path"),
        ("to +14155550100.", "to +1 415-•••-0100."),
        ("to %2B14155550100&x", "to +1 415-•••-0100&x"),
        ("to +44 7700 900658", "to +44 7700 ••• 658"),
        ("took 14155550100 ns, id 550e8400-e29b-41d4-a716-446655440000", "took 14155550100 ns, id 550e8400-e29b-41d4-a716-446655440000"),
        ("+12 items at 2026-11-20T23:26:02+00:00", "+12 items at 2026-11-20T23:26:02+00:00"),
    ],
)
def test_a_line_for_the_log(line: str, clean: str) -> None:
    assert scrub(line) == clean


@given(numbers(), st.text("abc :,;\n"))
def test_no_international_number_reaches_the_log(number: str, around: str) -> None:
    assert number not in scrub(f"{around}{number}{around}")
