"""Form fields that know the desk: choices and suggestions from the catalogue, and what else a form is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.catalogue import Catalogue, HeldCatalogue, names
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
    catalogue: Catalogue = field(default_factory=HeldCatalogue)
    """The connection's catalogue."""

    def called(self, kind: str, key: str) -> str:
        """What the catalogue calls that item; the key itself when it has no name of its own."""
        item = self.item(kind, key)
        return item.label if item and item.label else key

    def item(self, kind: str, text: str) -> Item | None:
        """The catalogue item of that kind that a text names: its key, or the label of one in use alone, in any letter case."""
        return self.catalogue.named(kind, [text]).get(text) if text else None


@dataclass(frozen=True, slots=True)
class Sorting:
    """Which items of a list stand first, because they are made for what the form does. The others may still be chosen."""

    fits: Callable[[Item], bool]
    fitting: str | Promise
    others: str | Promise


MOST_LISTED = 20
"""Catalogue items up to which a list is opened; more are searched by typing."""
MOST_SUGGESTED = 50
"""Suggestions that a page or a search shows at once."""


class CatalogueField(forms.CharField):
    """A field that offers the catalogue items of one kind."""

    kind: str
    context: FormContext | None = None
    by_key: ClassVar[bool]
    """Whether an item stands in the control by its key rather than by its name."""
    offered: Sequence[Item] = ()
    """The first items in use."""
    has_more: bool = False
    """Whether the catalogue has more than those, to be searched."""
    is_typed: bool = False
    """Whether one types rather than chooses from a list, and the catalogue has something to suggest."""

    def offer(self, context: FormContext) -> None:
        """Take from the catalogue what the control shows, and remember it."""
        self.context = context
        found = context.catalogue.first(self.kind, MOST_SUGGESTED + 1)
        self.offered, self.has_more = found[:MOST_SUGGESTED], len(found) > MOST_SUGGESTED
        self.is_typed = bool(found)

    @property
    def suggestions(self) -> list[tuple[str, str]]:
        """What is offered to who types, as (value, what else it is called)."""
        assert self.context is not None
        return suggestions(self.context.catalogue, self.kind, self.offered, by_key=self.by_key)


def suggestions(catalogue: Catalogue, kind: str, items: Sequence[Item], *, by_key: bool) -> list[tuple[str, str]]:
    """Items as they are suggested: what comes to stand in the control, and what else each is called."""
    values = [item.key for item in items] if by_key else names(catalogue, kind, items)
    return [(value, _other(item, value)) for item, value in zip(items, values, strict=True)]


def _other(item: Item, value: str) -> str:
    return next((word for word in (item.label, item.key) if word != value), "")


class ItemChoiceField(CatalogueField):
    """A catalogue item of one kind, by its key or the name it is shown under. Unknown and archived ones are refused in words."""

    by_key = False
    context: FormContext

    def __init__(self, kind: str, noun: str | Promise, *, sorting: Sorting | None = None, **options: Any) -> None:
        self.kind, self.noun, self.sorting = kind, noun, sorting
        options.setdefault("widget", forms.Select)
        options.setdefault("error_messages", {"required": format_lazy(_("Choose the {noun}."), noun=noun)})
        super().__init__(**options)

    def offer(self, context: FormContext) -> None:
        """Fill the list from the catalogue; a long one becomes suggestions for what is typed."""
        super().offer(context)
        self.is_typed = len(self.offered) > MOST_LISTED
        self.choices = [("", gettext("Choose…"))] + [(item.key, item.label or item.key) for item in self.offered]
        if self.is_typed:
            self.widget = forms.TextInput(attrs={"placeholder": gettext("Type to search…"), **self.widget.attrs})
        else:
            self.widget.choices = self._sorted(self.offered) if self.sorting else self.choices

    def _sorted(self, live: Sequence[Item]) -> list[Any]:
        assert self.sorting is not None
        fitting = [item.key for item in live if self.sorting.fits(item)]
        first = [choice for choice in self.choices[1:] if choice[0] in fitting]
        rest = [choice for choice in self.choices[1:] if choice[0] not in fitting]
        return [self.choices[0], (self.sorting.fitting, first), (self.sorting.others, rest)] if first and rest else self.choices

    def prepare_value(self, value: Any) -> Any:
        """What stands in the control: where one types, the name that people know."""
        item = self.context.item(self.kind, str(value)) if self.is_typed and value else None
        return names(self.context.catalogue, self.kind, [item])[0] if item else value

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


class SuggestField(CatalogueField, TextField):
    """Free text with suggestions from the catalogue (a datalist): the vendor takes any value.

    The name under which the catalogue shows one of its items stands for that item's key, whatever its letter case.
    """

    by_key = True

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The value; the key of the item in use that goes by this name alone."""
        typed = str(value or "").strip()
        item = self.context.item(self.kind, typed) if self.context else None
        return super().clean(item.key if item and item.label.casefold() == typed.casefold() else value)


def equip(form: forms.BaseForm, context: FormContext) -> None:
    """Give the fields of a form what they need to know of the desk: choices, country, time zone."""
    for form_field in form.fields.values():
        if isinstance(form_field, CatalogueField):
            form_field.offer(context)
        elif isinstance(form_field, PhoneField):
            form_field.country = context.account.country
        elif isinstance(form_field, InstantField):
            form_field.zone = context.zone


def look_up(rows: Iterable[forms.BaseForm], context: FormContext) -> None:
    """Ask the catalogue at once for what these forms hold, so that many cost no more than one."""
    held: dict[str, set[str]] = {}
    for bound in (bound for row in rows for bound in row):
        if isinstance(bound.field, CatalogueField):
            held.setdefault(bound.field.kind, set()).add(str((bound.data if bound.form.is_bound else bound.initial) or "").strip())
    for kind, texts in held.items():
        context.catalogue.named(kind, texts)
