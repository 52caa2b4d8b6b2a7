"""What is hidden where requests, answers and logs are shown: access tokens, secrets, telephone numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import phonenumbers

HIDDEN = "••••"
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
FEWEST_HIDDEN = 3
"""Digits of a telephone number that stay hidden at least."""
FEWEST_DIGITS = 5
"""A shorter number is looked for only exactly as it stands: its digits alone would hide too much else."""

Headers = tuple[tuple[str, str], ...]

GAP = r"(?:[\s().\-/\xa0]|\\u00[aA]0|%20){0,3}"
"""What may stand between two digits of a number."""
PLUS = r"(?:\+|\\u002[bB]|%2[bB])"
CREDENTIALS = re.compile(r"(?i)\b(bearer|basic)(\s+|%20)[A-Za-z0-9._~+/=%-]+")
NAMED = re.compile(
    r"(?i)((?:client_secret|client_id|refresh_token|access_token|id_token|password|api_?key)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'&,;}]+"
)
USERINFO = re.compile(r"(://)[^\s/@]+@")
E164 = re.compile(PLUS + r"[1-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9])")


def mask_number(text: str) -> str:
    """A telephone number for display, like `+1 415-•••-0100`: country code, prefix and last digits stay.

    At least three digits are hidden. What is not an international number keeps its last three digits at most.
    """
    number = _parsed(text)
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL) if number else ""
    # Of some countries' short numbers phonenumbers makes longer ones, which nobody wrote.
    if not 0 < _count_digits(shown) <= _count_digits(text):
        return _mask_all_but(text, _last_shown(_count_digits(text)))
    country, _, national = shown.partition(" ")
    return f"{country} {_mask_national(national)}"


def mask_personal(text: str, personal: Iterable[str]) -> str:
    """A text in which each given telephone number is masked, however its digits are grouped, prefixed or escaped.

    It finds the number as given, in E.164, without plus or country code, with separators between the digits, and with
    the plus as JSON or a URL escapes it.
    """
    for number in sorted(set(personal), key=len, reverse=True):
        text = _masked(text, number) if number else text
    return text


def hide(text: str, secrets: Iterable[str]) -> str:
    """A text in which nothing of the given values stands, neither as given nor as JSON writes them."""
    for secret in sorted(set(secrets) - {""}, key=len, reverse=True):
        for form in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], secret):
            text = text.replace(form, HIDDEN)
    return text


def mask_headers(headers: Iterable[tuple[str, str]], names: Iterable[str] = SECRET_HEADERS) -> Headers:
    """Headers in which the values of secret ones are hidden; the scheme of an Authorization stays readable."""
    hidden = {name.lower() for name in names}
    return tuple((name, _hide(value) if name.lower() in hidden else value) for name, value in headers)


def scrub(text: str) -> str:
    """A line for a log without tokens, passwords and international telephone numbers."""
    text = CREDENTIALS.sub(rf"\1 {HIDDEN}", text)
    text = NAMED.sub(rf"\1{HIDDEN}", text)
    text = USERINFO.sub(rf"\1{HIDDEN}@", text)
    return E164.sub(lambda found: mask_number(_plain(found[0])), text)


def _hide(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.lower() in ("bearer", "basic") else HIDDEN


def _plain(text: str) -> str:
    return "+" + re.sub(r"[^0-9]", "", re.sub(PLUS, "", text, count=1))


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    """The number in a text that has its country code, with or without plus; None for any other."""
    digits = re.sub(r"[^0-9]", "", text)
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    international = text.strip().startswith("+") or phonenumbers.is_valid_number(number)
    return number if international and _count_digits(text) == len(digits) else None


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _last_shown(count: int) -> int:
    """How many of so many digits stay at the end."""
    return min(3 if count >= 7 else 2, max(0, count - FEWEST_HIDDEN))


def _mask_all_but(text: str, last: int) -> str:
    """A text with every digit hidden but the last few."""
    hide = _count_digits(text) - last
    masked = []
    for character in text:
        hidden = character.isdigit() and hide > 0
        hide -= hidden
        masked.append("•" if hidden else character)
    return "".join(masked)


def _mask_national(national: str) -> str:
    """The national part of a number: its first group and three or four last digits stay, if enough is hidden between."""
    groups = re.findall(r"[0-9]+", national)
    count = sum(map(len, groups))
    last = 4 if count > 7 and len(groups[-1]) <= 4 else _last_shown(count)
    first = len(groups[0]) if len(groups[0]) <= 4 and count - len(groups[0]) - last >= FEWEST_HIDDEN else 0
    masked = national[:first] + _mask_all_but(national[first:], last)
    return re.sub(r"•(?=[0-9])", "• ", masked)


def _masked(text: str, number: str) -> str:
    shown = mask_number(number)
    return _pattern(number).sub(lambda found: shown, text)


def _pattern(number: str) -> re.Pattern[str]:
    """What finds a number in every way of writing it: as given, in full, and in its national form."""
    digits = re.sub(r"[^0-9]", "", number)
    if len(digits) < FEWEST_DIGITS:
        return re.compile(re.escape(number))
    parsed = _parsed(number)
    prefix = f"(?:(?:{PLUS}|00|011){GAP})?"
    ways = [re.escape(number), prefix + GAP.join(digits)]
    national = phonenumbers.national_significant_number(parsed) if parsed else digits.lstrip("0")
    if len(national) >= FEWEST_DIGITS:
        country = f"{prefix}{GAP.join(str(parsed.country_code))}{GAP}(?:0{GAP})?|" if parsed else ""
        ways.append(f"(?:{country}{PLUS}|0)?{GAP.join(national)}")
    return re.compile("|".join(ways))
