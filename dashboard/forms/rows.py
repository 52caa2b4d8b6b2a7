"""Adding and removing rows without a script: the buttons `add` and `remove` of a form with rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from providers.fields import RowsField, row_indexes


def pressed(data: QueryDict) -> QueryDict | None:
    """The data with a row more or less, as the pressed button asks; None when neither button was pressed."""
    edited = data.copy()
    if name := data.get("add"):
        edited[f"{name}-{max(row_indexes(data, name), default=-1) + 1}-added"] = ""
        return edited
    if row := data.get("remove"):
        for key in [key for key in data if key.startswith(f"{row}-")]:
            del edited[key]
        return edited
    return None


def as_typed(form: forms.BaseForm, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into a form, as the initial data that shows it again without judging it."""
    typed: dict[str, Any] = {}
    for name, field in form.fields.items():
        html_name = form.add_prefix(name)
        if isinstance(field, RowsField):
            typed[name] = [_row_as_typed(field, data, f"{html_name}-{index}") for index in row_indexes(data, html_name)]
        else:
            typed[name] = field.widget.value_from_datadict(data, {}, html_name)  # type: ignore[arg-type]
    return typed


def _row_as_typed(field: RowsField, data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return as_typed(field.row(prefix=prefix), data)
