"""Form fields that know the desk: choices and suggestions from the catalogue, and what else a form is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.inputs import InstantField, PhoneField, TextField
from providers.types import Account, Item


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a composer form needs to know of the desk."""

    account: Account
    reference: str
    """The dispatch's short reference, from which its idempotency key is made."""
    zone: str
    now: datetime
    items: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    """The connection's catalogue by kind, archived items included (and marked)."""

    def called(self, kind: str, key: str) -> str:
        """What the catalogue calls that item; the key itself when it has no name of its own."""
        item = self.item(kind, key)
        return item.label if item and item.label else key

    def item(self, kind: str, key: str) -> Item | None:
        """The catalogue item of that kind and key; letter case counts only where two items differ by it alone.

        Failing that, the one item in use that is shown under that name.
        """
        items = self.items.get(kind, ())
        exact = next((item for item in items if item.key == key), None)
        found = exact or next((item for item in items if item.key.casefold() == key.casefold()), None)
        if found or not key:
            return found
        labelled = [item for item in items if item.label == key and not item.archived]
        return labelled[0] if len(labelled) == 1 else None


@dataclass(frozen=True, slots=True)
class Sorting:
    """Which items of a list stand first, because they are made for what the form does. The others may still be chosen."""

    fits: Callable[[Item], bool]
    fitting: str | Promise
    others: str | Promise


MOST_LISTED = 20
"""Catalogue items up to which a list is opened; more are searched by typing."""
MOST_SUGGESTED = 1_000


class ItemChoiceField(forms.CharField):
    """A catalogue item of one kind, by its key or the name it is shown under. Unknown and archived ones are refused in words."""

    context: FormContext

    def __init__(self, kind: str, noun: str | Promise, *, sorting: Sorting | None = None, **options: Any) -> None:
        self.kind, self.noun, self.sorting = kind, noun, sorting
        self.suggestions: list[tuple[str, str]] = []
        options.setdefault("widget", forms.Select)
        options.setdefault("error_messages", {"required": format_lazy(_("Choose the {noun}."), noun=noun)})
        super().__init__(**options)

    def offer(self, context: FormContext) -> None:
        """Fill the list from the catalogue; a long one becomes suggestions for what is typed."""
        self.context = context
        live = [item for item in context.items.get(self.kind, ()) if not item.archived]
        self.choices = [("", gettext("Choose…"))] + [(item.key, item.label or item.key) for item in live]
        if len(live) > MOST_LISTED:
            self.widget = forms.TextInput(attrs={"placeholder": gettext("Type to search…"), **self.widget.attrs})
            self.suggestions = [(self._shown(item), item.key if item.label else "") for item in live[:MOST_SUGGESTED]]
        else:
            self.widget.choices = self._sorted(live) if self.sorting else self.choices

    def _sorted(self, live: Sequence[Item]) -> list[Any]:
        assert self.sorting is not None
        fitting = [item.key for item in live if self.sorting.fits(item)]
        first = [choice for choice in self.choices[1:] if choice[0] in fitting]
        rest = [choice for choice in self.choices[1:] if choice[0] not in fitting]
        return [self.choices[0], (self.sorting.fitting, first), (self.sorting.others, rest)] if first and rest else self.choices

    def _shown(self, item: Item) -> str:
        """The label where it leads back to this item, the key otherwise."""
        return item.label if item.label and self.context.item(self.kind, item.label) is item else item.key

    def prepare_value(self, value: Any) -> Any:
        """What stands in the control: where one types, the name that people know."""
        item = self.context.item(self.kind, str(value)) if self.suggestions and value else None
        return self._shown(item) if item else value

    def clean(self, value: Any) -> str:
        """The key as the catalogue spells it."""
        key = super().clean(value)
        if not key:
            return ""
        item = self.context.item(self.kind, key)
        if item is None:
            text = _("The catalogue of this connection has no %(noun)s “%(key)s”. Choose one from the list or set it up first.")
            raise ValidationError(text, "unknown", {"noun": self.noun, "key": key})
        if item.archived:
            raise ValidationError(
                _("The %(noun)s “%(key)s” is archived. Choose another or restore it first."), "archived", {"noun": self.noun, "key": key}
            )
        return item.key


class SuggestField(TextField):
    """Free text with suggestions from the catalogue (a datalist): the vendor takes any value.

    The name under which the catalogue shows one of its items stands for that item's key.
    """

    context: FormContext | None = None

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        self.suggestions: list[tuple[str, str]] = []
        super().__init__(**options)

    def offer(self, context: FormContext) -> None:
        """Fill the suggestions from the catalogue, and remember it."""
        self.context = context
        self.suggestions = [(item.key, item.label) for item in context.items.get(self.kind, ()) if not item.archived]

    def clean(self, value: Any) -> Any:
        """The value; the key of the item in use that goes by this name alone."""
        item = self.context.item(self.kind, str(value).strip()) if self.context and value else None
        return super().clean(item.key if item and item.label == str(value).strip() else value)


def equip(form: forms.BaseForm, context: FormContext) -> None:
    """Give the fields of a form what they need to know of the desk: choices, country, time zone."""
    for form_field in form.fields.values():
        if isinstance(form_field, (ItemChoiceField, SuggestField)):
            form_field.offer(context)
        elif isinstance(form_field, PhoneField):
            form_field.country = context.account.country
        elif isinstance(form_field, InstantField):
            form_field.zone = context.zone
