"""What providers' forms are made of: one place to import it from."""

from __future__ import annotations

from providers.choices import FormContext, ItemChoiceField, Sorting, SuggestField, equip
from providers.forms import ActionForm, Caution, Group, ItemForm, SettingsForm
from providers.inputs import (
    E164,
    MONTH_OF_SECONDS,
    UNREADABLE,
    CountryCodeField,
    InstantField,
    PhoneField,
    SecondsField,
    TextField,
    WholeNumberField,
    country_choices,
    country_name,
    country_of,
    in_zone,
    number_in_words,
    read_number,
)
from providers.rows import BoundRows, RowForm, RowsField, RowsMixin, RowsWidget, flat, row_indexes, takes

__all__ = [
    "E164",
    "MONTH_OF_SECONDS",
    "UNREADABLE",
    "ActionForm",
    "BoundRows",
    "Caution",
    "CountryCodeField",
    "FormContext",
    "Group",
    "InstantField",
    "ItemChoiceField",
    "ItemForm",
    "PhoneField",
    "RowForm",
    "RowsField",
    "RowsMixin",
    "RowsWidget",
    "SecondsField",
    "SettingsForm",
    "Sorting",
    "SuggestField",
    "TextField",
    "WholeNumberField",
    "country_choices",
    "country_name",
    "country_of",
    "equip",
    "flat",
    "in_zone",
    "number_in_words",
    "read_number",
    "row_indexes",
    "takes",
]
