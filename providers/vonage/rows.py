"""The rows of Vonage's forms, and what is checked across them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers.fields import BoundRows, RowForm, SecondsField, SuggestField, TextField, row_indexes
from providers.outbound import is_public
from providers.vonage.interaction import EXPIRES, MANDATORY, OPTIONAL, PROPERTY
from providers.vonage.properties import LONGEST_KEY

NOT_PUBLIC = ("local", "localhost", "internal", "lan", "home", "corp")
"""Ends of names that mean nothing outside one network."""


class SkillRow(RowForm):
    """A skill that the interaction is tagged with."""

    blank_when = ("name", "seconds")
    name = SuggestField("skill", max_length=200, label=_("Skill"), error_messages={"required": _("Name the skill, or remove this row.")})
    mode = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        initial=MANDATORY,
        choices=[(MANDATORY, _("Mandatory")), (EXPIRES, _("Expires")), (OPTIONAL, _("Optional"))],
        label=_("How much it counts"),
    )
    seconds = SecondsField(
        least=1, required=False, widget=forms.NumberInput(attrs={"data-when": f"mode={EXPIRES}"}), label=_("Required for")
    )

    def clean_mode(self) -> str:
        """The mode; mandatory when none was chosen, as the vendor reads a skill without an expiry."""
        return self.cleaned_data["mode"] or MANDATORY

    def clean(self) -> dict[str, Any]:
        """Seconds go with a skill that expires, and only with it."""
        cleaned = super().clean() or self.cleaned_data
        if "mode" not in cleaned or "seconds" in self.errors:
            return cleaned
        if cleaned["mode"] == EXPIRES and cleaned.get("seconds") is None:
            text = _("Say for how many seconds the skill is required: 1 to 2,678,399 (31 days).")
            self.add_error("seconds", ValidationError(text, "required"))
        elif cleaned["mode"] != EXPIRES and cleaned.get("seconds") is not None:
            self.add_error("seconds", _("Only a skill that expires has seconds: choose “Expires”, or clear this."))
        return cleaned


class PropertyRow(RowForm):
    """A further key and value for the interaction plan."""

    blank_when = ("key", "value")
    key = TextField(max_length=LONGEST_KEY, label=_("Key"), error_messages={"required": _("Name the property, or remove this row.")})
    value = TextField(
        lines=True,
        widget=forms.Textarea(attrs={"rows": 1}),
        label=_("Value"),
        error_messages={"required": _("Give the property a value, or remove this row.")},
    )


def share_out(data: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """Posted data in which the further properties that the route declares have moved to their own fields, unless those hold something."""
    moved = dict(data.items())
    for index in row_indexes(data, "extra"):
        key = str(data.get(f"extra-{index}-key", "")).strip()
        if key in keys and not str(moved.get(PROPERTY + key, "")).strip():
            moved[PROPERTY + key] = moved.pop(f"extra-{index}-value", "")
            del moved[f"extra-{index}-key"]
    return moved


def share_out_initial(initial: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """The same for the values from which an empty form starts."""
    rows: Sequence[Mapping[str, Any]] = initial.get("extra", ())
    moved = {PROPERTY + row["key"]: row.get("value", "") for row in rows if row.get("key") in keys}
    return {**initial, "extra": [row for row in rows if row.get("key") not in keys], **moved}


def refuse_twins(
    form: forms.BaseForm, rows_field: str, part: str, text: str, *, known: Collection[str] = (), fold: Callable[[str], str] = str
) -> None:
    """Put an error on every row whose `part` stands in an earlier row or in `known`; `fold` makes equal what counts as equal."""
    bound = form[rows_field]
    assert isinstance(bound, BoundRows)
    seen = set(known)
    for row in bound.rows:
        shown = str(row.cleaned_data.get(part, "")) if row.is_valid() and not row.is_blank() else ""
        if shown and fold(shown) in seen:
            row.add_error(part, text % {"value": shown})
            form.add_error(rows_field, text % {"value": shown})
        seen.add(fold(shown))


def is_web_address(url: str) -> bool:
    """Whether this is an absolute http or https address with a host and nothing that a browser would read otherwise."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s\\]", url)
    except ValueError:
        return False


def is_out_there(host: str) -> bool:
    """Whether the Internet can know this host: a public address, or a name of several labels that is not for one network alone."""
    try:
        return is_public(host)
    except ValueError:
        *labels, last = host.rstrip(".").lower().split(".")
        return bool(labels) and not last.isdigit() and last not in NOT_PUBLIC
