"""The bases of all providers' forms: actions, catalogue items, connection settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.choices import CatalogueField, FormContext, equip
from providers.inputs import PhoneField, TextField
from providers.rows import RowsField, RowsMixin
from providers.types import Account, Item, Json


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together under a title."""

    title: str | Promise
    fields: tuple[str, ...]
    hint: str | Promise = ""
    folded: bool = False
    """True for groups that most people do not need: shown closed unless they hold something."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A vendor's warning about something that is allowed."""

    field: str
    text: str | Promise


class ActionForm(RowsMixin):
    """The base of the composer's forms."""

    groups: ClassVar[tuple[Group, ...]] = ()
    reshaped_by: ClassVar[frozenset[str]] = frozenset()
    """Fields whose value decides which other fields there are."""
    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, context: FormContext, initial: Mapping[str, Any] | None = None) -> None:
        self.context = context
        super().__init__(data, initial={**self.suggest(context), **(initial or {})})
        self.shape()
        equip(self, context)

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """Values to start from, like a made request id."""
        return {}

    def shape(self) -> None:
        """Add or remove fields after what was chosen so far."""

    def all_groups(self) -> tuple[Group, ...]:
        """The groups, with those that `shape` added."""
        return self.groups

    def catalogue_fields(self) -> Iterator[CatalogueField]:
        """The fields that offer catalogue items, those of its rows included, whether or not it has a row yet."""
        rows = [form_field.row() for form_field in self.fields.values() if isinstance(form_field, RowsField)]
        for row in rows:
            equip(row, self.context)
        for form_field in (one for form in (self, *rows) for one in form.fields.values()):
            if isinstance(form_field, CatalogueField):
                yield form_field

    def cautions(self) -> list[Caution]:
        """The vendor's warnings about what was entered; called on a form that was validated."""
        return []

    def chosen(self, name: str) -> str:
        """What a field holds now, before validation."""
        return str(self[name].value() or "").strip()


class ItemForm(RowsMixin):
    """The base of the catalogue's forms: a key (the vendor's name or id) and a label of our own."""

    use_required_attribute = False
    groups: ClassVar[tuple[Group, ...]] = ()
    key = TextField(max_length=200, label=_("Name"))
    label = TextField(
        max_length=200, required=False, label=_("Shown as"), help_text=_("What people see in lists; the name itself when empty.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account, initial: Mapping[str, Any] | None = None) -> None:
        self.account = account
        super().__init__(data, initial=dict(initial or {}))
        for form_field in self.fields.values():
            if isinstance(form_field, PhoneField):
                form_field.country = account.country

    def item(self) -> Item:
        """The item of a valid form: everything but key and label is its data; what is empty is absent."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("key", "label") and value not in (None, "", [])}
        return Item(key=self.cleaned_data["key"], label=self.cleaned_data["label"], data=data)

    @classmethod
    def fields_of(cls, item: Item) -> dict[str, Json]:
        """The form data that makes this item again."""
        return {"key": item.key, "label": item.label, **item.data}

    def cautions(self) -> list[Caution]:
        """The vendor's warnings about what was entered; called on a form that was validated."""
        return []


class SettingsForm(forms.Form):
    """The base of a connection's address and option fields. Clean values are strings."""

    use_required_attribute = False

    def settings(self) -> dict[str, str]:
        """The settings of a valid form; what is empty is absent."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}
