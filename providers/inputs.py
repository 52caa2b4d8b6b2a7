"""Plain form fields that the providers share. Every message says what is wrong and what is allowed."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from django_countries.data import COUNTRIES

MONTH_OF_SECONDS = 2_678_399
"""31 days less a second: VCC's highest time-out and expiry."""
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}")
"""How a moment begins: a day alone would silently mean its midnight."""
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


# --- text ---------------------------------------------------------------------------------------


class TextField(forms.CharField):
    """One line of text: composed form (NFC), without characters that cannot be seen."""

    default_error_messages = {
        "unreadable": _("This has a character that cannot be seen (%(name)s); take it out."),
        "newline": _("This has a line break; it must be one line."),
    }

    def __init__(self, *, lines: bool = False, sms: bool = False, **options: Any) -> None:
        self.lines = lines
        self.sms = sms
        """Whether this is the text of an SMS: the composer then counts its segments."""
        options.setdefault("widget", forms.Textarea if lines else forms.TextInput)
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The text in NFC with "\\n" as line break."""
        text = unicodedata.normalize("NFC", super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        if unseen := UNREADABLE.search(text):
            raise ValidationError(self.error_messages["unreadable"], "unreadable", {"name": f"U+{ord(unseen[0]):04X}"})
        if "\n" in text and not self.lines:
            raise ValidationError(self.error_messages["newline"], "newline")
        return text


class WholeNumberField(forms.IntegerField):
    """A whole number in ASCII digits between two bounds."""

    def __init__(self, *, least: int, most: int, too_high: str | Promise = "", unit: str | Promise = "", **options: Any) -> None:
        self.least, self.most, self.unit = least, most, unit
        self.too_high = too_high or _("At most %(most)s.")
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric"}

    def to_python(self, value: Any) -> int | None:
        """The number; refuses digits of other scripts, signs other than a leading minus, and fractions."""
        if value in self.empty_values:
            return None
        text = str(value).strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise ValidationError(_("Enter a whole number in digits 0–9."), "invalid")
        return int(text)

    def validate(self, value: int | None) -> None:
        """Hold the number against both bounds."""
        super().validate(value)
        if value is None:
            return
        if value < self.least:
            raise ValidationError(_("At least %(least)s."), "too_low", {"least": f"{self.least:,}"})
        if value > self.most:
            raise ValidationError(str(self.too_high), "too_high", {"most": f"{self.most:,}"})


class SecondsField(WholeNumberField):
    """A duration in seconds, at most 31 days less a second."""

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(
            least=least, most=MONTH_OF_SECONDS, too_high=_("At most %(most)s seconds (31 days)."), unit=_("seconds"), **options
        )


class CountryCodeField(forms.ChoiceField):
    """A country by its ISO 3166 alpha-3 code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"invalid_choice": _("“%(value)s” is not an ISO 3166 three-letter country code, like GBR.")})
        super().__init__(choices=country_choices, **options)

    def to_python(self, value: Any) -> str:
        """The code in capitals."""
        return str(super().to_python(value)).strip().upper()


def country_choices() -> list[tuple[str, str]]:
    """Alpha-3 code and "name (code)" of every country, by name, after a blank one."""
    named = ((countries.alpha3(code), str(name)) for code, name in COUNTRIES.items())
    return [("", "—"), *sorted(((code, f"{name} ({code})") for code, name in named if code), key=lambda pair: pair[1])]


# --- telephone numbers --------------------------------------------------------------------------

WRONG_LENGTH: dict[int | None, Promise] = {
    phonenumbers.ValidationResult.TOO_SHORT: _("For %(country)s this is too short: digits are missing."),
    phonenumbers.ValidationResult.TOO_LONG: _("For %(country)s this is too long: it has digits too many."),
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: _(
        "The area code is missing: write it as dialled from elsewhere in the country (%(country)s)."
    ),
    None: _("For %(country)s no number has this length; for another country start with + and its code."),
}
"""What is wrong with a number that cannot be one, by what phonenumbers calls it."""


def plain_number(text: str) -> str:
    """A telephone number as other programs give it, in plain characters: without "tel:" and marks that cannot be seen, dashes as -."""
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    dashed = "".join("-" if letter == "\u2212" or unicodedata.category(letter) == "Pd" else letter for letter in seen)
    return re.sub("^tel:", "", dashed.strip(), flags=re.IGNORECASE).lstrip()


def read_number(text: str, country: str) -> str:
    """A telephone number as typed, in E.164.

    `country` (ISO alpha-2) gives the meaning of a national number. Raises ValidationError in words.
    """
    plain = plain_number(text)
    if not re.fullmatch(r"[+0-9 ()./\-]{1,40}", plain):
        raise ValidationError(_("A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."), "invalid")
    if plain.startswith("00"):
        plain = f"+{plain[2:].lstrip()}"
    if not plain.startswith("+") and not country:
        raise ValidationError(_("Start the number with + and the country code, like +1 415-555-0100."), "no_country")
    try:
        number = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("This is not a telephone number; write it like +1 415-555-0100."), "invalid") from error
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    fits = phonenumbers.is_possible_number_with_reason(number)
    if fits != phonenumbers.ValidationResult.IS_POSSIBLE or not E164.fullmatch(formatted):
        country_named = country_of(formatted) or f"+{number.country_code}"
        raise ValidationError(str(WRONG_LENGTH.get(fits, WRONG_LENGTH[None])), "impossible", {"country": country_named})
    return formatted


def country_name(code: str) -> str:
    """A country by its ISO alpha-2 code; empty for anything else."""
    from django_countries import countries

    return str(countries.name(code))


def country_of(e164: str) -> str:
    """The country that an E.164 number belongs to, by name; empty when the number does not tell."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return country_name(region or "")


def number_in_words(e164: str) -> str:
    """An E.164 number grouped as people read it; anything else unchanged."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneField(forms.CharField):
    """A telephone number as people type it; its clean value is E.164. The form sets `country`."""

    country = ""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The number in E.164, or empty."""
        text = str(super().to_python(value) or "")
        return read_number(text, self.country) if text else ""


# --- instants -----------------------------------------------------------------------------------


class InstantField(forms.CharField):
    """A moment: RFC 3339 with an offset, or a local date and time read in the form's zone. Clean value: aware datetime."""

    zone = "UTC"

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60", "max": "9999-12-31T23:59"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> datetime | None:  # type: ignore[override]
        """The moment; refuses a local time that the zone skips when its clocks go forward, or has twice when they go back."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text if INSTANT.match(text) else "")
        except ValueError as error:
            raise ValidationError(_("Enter a date and time like 2026-11-20T18:00 or 2026-11-20T18:00:00.000+00:00."), "invalid") from error
        return moment if moment.tzinfo else in_zone(moment, self.zone)

    def prepare_value(self, value: Any) -> Any:
        """The moment as the date and time input takes it: local in the form's zone, seconds only when it has some; else unchanged."""
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value
        if not isinstance(moment, datetime) or not moment.tzinfo:
            return value
        try:
            local = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        except OverflowError:
            return value
        return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds" if local.second else "minutes")


def in_zone(moment: datetime, zone: str) -> datetime:
    """A naive local time as an aware one; raises ValidationError when that zone's clocks skip it or show it twice."""
    local = moment.replace(tzinfo=ZoneInfo(zone))
    try:
        again = local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError as error:
        raise ValidationError(_("This date lies outside the years that can be used."), "range") from error
    if again != moment:
        raise ValidationError(_("In %(zone)s the clocks go forward over this time; choose another."), "skipped", {"zone": zone})
    if _happens_twice(moment, zone):
        text = _(
            "In %(zone)s the clocks go back on this day and the time from %(start)s to %(end)s happens twice; "
            "choose one before %(start)s, or %(end)s or later."
        )
        start, end = _repeated(moment, zone)
        raise ValidationError(text, "repeated", {"zone": zone, "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"})
    return local


def _offset(moment: datetime, zone: str, *, fold: int) -> timedelta:
    return moment.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta(0)


def _happens_twice(moment: datetime, zone: str) -> bool:
    return _offset(moment, zone, fold=0) > _offset(moment, zone, fold=1)


def _repeated(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first minute that happens twice around a moment that does, and the first after them that does not."""
    start = moment.replace(second=0, microsecond=0)
    while _happens_twice(start - timedelta(minutes=1), zone):
        start -= timedelta(minutes=1)
    return start, start + _offset(moment, zone, fold=0) - _offset(moment, zone, fold=1)
