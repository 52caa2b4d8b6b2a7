"""The fields of a composer form with their limits, as data for scripts."""

from __future__ import annotations

from typing import Any

from django import forms

from dashboard.services.compose import Sheet
from providers.fields import ActionForm, InstantField, ItemChoiceField, PhoneField, RowsField, SecondsField, TextField, WholeNumberField

TYPES: tuple[tuple[type[forms.Field], str], ...] = (
    (RowsField, "rows"),
    (ItemChoiceField, "catalogue item"),
    (SecondsField, "seconds"),
    (WholeNumberField, "whole number"),
    (PhoneField, "telephone number"),
    (InstantField, "RFC 3339 moment"),
    (forms.BooleanField, "true or false"),
    (forms.ChoiceField, "choice"),
    (TextField, "text"),
)
"""The first that fits counts."""


def schema(sheet: Sheet, form: ActionForm) -> dict[str, Any]:
    """Everything that the form takes, in its order. Properties of a target stand as `property:KEY`."""
    return {
        "action": f"{sheet.connection.provider}.{sheet.action.key}",
        "connection": sheet.connection.name,
        "target": sheet.action.target_field,
        "fields": [described(name, field) for name, field in form.fields.items()],
    }


def described(name: str, field: forms.Field) -> dict[str, Any]:
    """One field: what it is called, what it takes, and its limits; what does not apply is absent."""
    found = {
        "name": name,
        "label": str(field.label or name),
        "type": next((word for kind, word in TYPES if isinstance(field, kind)), "text"),
        "required": field.required,
        "max_length": getattr(field, "max_length", None),
        "least": getattr(field, "least", None),
        "most": getattr(field, "most", None),
        "unit": str(getattr(field, "unit", "")),
        "choices": _choices(field),
        "has_further_choices": (isinstance(field, ItemChoiceField) and field.has_more) or None,
        "help": str(field.help_text),
        "fields": [described(part, inner) for part, inner in field.row().fields.items()] if isinstance(field, RowsField) else [],
    }
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _choices(field: forms.Field) -> list[str]:
    """The values among which one chooses."""
    pairs = getattr(field, "choices", ())
    return [str(value) for value, _label in pairs if value != ""]
