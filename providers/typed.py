"""What stands in a form, taken out again: to show it once more without judging it, or to judge what nobody has posted yet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from providers.fields import BoundRows, flat


def as_typed(form: forms.BaseForm) -> dict[str, Any]:
    """What a bound form was given, as initial values of a form that is not to be judged yet.

    A field that was not on the page is left out, so that it starts from its own suggestion.
    """
    typed: dict[str, Any] = {}
    for bound in form:
        if isinstance(bound, BoundRows):
            typed[bound.name] = [as_typed(row) for row in bound.rows]
        elif not _omitted(bound):
            typed[bound.name] = bound.data
    return typed


def _omitted(bound: BoundField) -> bool:
    form = bound.form
    return bool(bound.field.widget.value_omitted_from_data(form.data, form.files, bound.html_name))


def as_shown(form: forms.BaseForm) -> dict[str, str]:
    """What a form shows now, in the flat names under which it would be posted."""
    return flat({bound.name: _shown(bound) for bound in form})


def _shown(bound: BoundField) -> Any:
    if isinstance(bound, BoundRows):
        return [{part.name: part.value() for part in row} for row in bound.rows]
    return bound.value()
