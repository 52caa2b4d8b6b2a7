"""The properties that a named route's plan expects, as its catalogue item declares them, and the form fields they become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.fields import CountryCodeField, PhoneField, RowForm, TextField, plain_number, read_number
from providers.types import Item, Json

TEXT, LINES, PHONE, COUNTRY, CHOICE = "text", "lines", "phone", "country", "choice"
KINDS = {
    TEXT: _("Text"),
    LINES: _("Text of several lines"),
    PHONE: _("Telephone number"),
    COUNTRY: _("Country (ISO 3166, three letters)"),
    CHOICE: _("Choice"),
}
LONGEST_KEY = 200
"""Characters of a property's key: a limit of our own; the vendor names none."""


class PlanNumberField(PhoneField):
    """A telephone number for a plan, which takes national and international ones (seed 000).

    An international number becomes E.164. A national one keeps its digits as typed, because the plan knows its country.
    """

    def to_python(self, value: Any) -> str:
        """The number, or empty."""
        text = plain_number(str(forms.CharField.to_python(self, value) or ""))
        if not text or text.startswith(("+", "00")):
            return read_number(text, "") if text else ""
        if not re.fullmatch(r"[0-9 ()./\-]{3,40}", text):
            raise ValidationError(
                _("A telephone number has only digits, spaces and + ( ) - . /, like 07700 900658 or +44 7700 900658."), "invalid"
            )
        if self.country:
            read_number(text, self.country)
        digits = re.sub("[^0-9]", "", text)
        if not 3 <= len(digits) <= 15:
            raise ValidationError(_("A telephone number has 3 to 15 digits."), "length")
        return digits


def declared(route: Item | None) -> list[Mapping[str, Json]]:
    """The properties that a route declares, in their order; none without a route."""
    return list(route.data.get("properties", ())) if route else []


def reads_number(route: Item) -> bool:
    """Whether a route's plan expects a telephone number, as one that sends an SMS does."""
    return any(row.get("kind") == PHONE for row in declared(route))


def choices_of(row: Mapping[str, Json]) -> list[str]:
    """The values among which a choice chooses."""
    parts = (part.strip() for part in str(row.get("choices", "")).split(","))
    return list(dict.fromkeys(part for part in parts if part))


def field_for(row: Mapping[str, Json], *, sms: bool = False) -> forms.Field:
    """The form field of one declared property; in a form that sends an SMS, text of several lines is the message."""
    common: dict[str, Any] = {
        "label": row.get("label") or row["key"],
        "required": bool(row.get("required")),
        "initial": row.get("default", ""),
        "help_text": gettext("The plan gets it as %(key)s.") % {"key": row["key"]} if row.get("label") else "",
    }
    kind = row.get("kind", TEXT)
    if kind == PHONE:
        return PlanNumberField(**common)
    if kind == COUNTRY:
        return CountryCodeField(**common)
    if kind == CHOICE:
        return forms.ChoiceField(choices=[("", "—"), *((value, value) for value in choices_of(row))], **common)
    return TextField(lines=kind == LINES, sms=sms and kind == LINES, **common)


def has_space(key: str) -> bool:
    """Whether a key holds a space: the vendor does not promise that setting it works (seed 001)."""
    return " " in key


def space_warning(key: str) -> str:
    """The vendor's warning about such a key, in our words."""
    text = gettext(
        "“%(key)s” has a space in it. VCC does not promise that a property with a space in its name is set; "
        "a Data Connector applet in the plan is the way the vendor advises."
    )
    return text % {"key": key}


class DeclaredRow(RowForm):
    """One property that a route's plan expects."""

    blank_when = ("key", "label", "choices", "default")
    key = TextField(max_length=LONGEST_KEY, label=_("Key"), help_text=_("Exactly as the plan's data source is called."))
    label = TextField(max_length=200, required=False, label=_("Label"))
    kind = forms.ChoiceField(required=False, choices=list(KINDS.items()), initial=TEXT, label=_("Kind"))
    choices = TextField(max_length=2_000, required=False, label=_("Choices"), help_text=_("Of a choice: its values, with commas between."))
    required = forms.BooleanField(required=False, label=_("Required"))
    default = TextField(max_length=2_000, required=False, label=_("Default"))

    def clean_kind(self) -> str:
        """The kind; text when none was chosen."""
        return self.cleaned_data["kind"] or TEXT

    def clean(self) -> dict[str, Any]:
        """Choices belong to a choice, and the default must be a value that the property may have."""
        cleaned = super().clean() or self.cleaned_data
        if "kind" not in cleaned or "choices" not in cleaned:
            return cleaned
        if cleaned["kind"] == CHOICE and not choices_of(cleaned):
            self.add_error("choices", _("A choice needs its values, with commas between."))
        elif cleaned["kind"] != CHOICE and cleaned["choices"]:
            self.add_error("choices", _("Only a property of the kind “Choice” has choices."))
        elif cleaned.get("default") and "key" in cleaned:
            self._try_default(cleaned)
        return cleaned

    def _try_default(self, cleaned: dict[str, Any]) -> None:
        try:
            field_for(cleaned).clean(cleaned["default"])
        except ValidationError as error:
            self.add_error("default", error)
