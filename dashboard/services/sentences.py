"""What is wrong with a form, as sentences for where no form is shown: files and terminals."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

MOST_NAMED = 20
"""Choices up to which all of them are named."""


def sentences(form: forms.BaseForm) -> list[str]:
    """Every error of a form as "field: sentence"; where rows are wrong, theirs."""
    found = []
    for name, errors in form.errors.items():
        rows = list(enumerate(getattr(form[name], "rows", ()), start=1)) if name in form.fields else []
        inner = [f"{name} {number}, {text}" for number, row in rows if not row.is_blank() for text in sentences(row)]
        found += inner or [f"{name}: {text}{_allowed(form, name)}" if name in form.fields else str(text) for text in errors]
    return found


def _allowed(form: forms.BaseForm, name: str) -> str:
    """What may be chosen, after a choice that is none: a file has no list to look at."""
    choices = [str(value) for value, _label in getattr(form.fields[name], "choices", ()) if value]
    wrong = any(error.code == "invalid_choice" for error in form.errors.as_data()[name])
    return " " + _("Allowed: %(choices)s.") % {"choices": ", ".join(choices)} if wrong and 0 < len(choices) <= MOST_NAMED else ""
