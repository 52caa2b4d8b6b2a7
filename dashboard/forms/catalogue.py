"""The forms of the catalogue: an item of a kind that its provider declares, the list's filters, whole files of items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.forms.rows import pressed
from dashboard.models import CatalogueItem, Connection
from dashboard.services.refusals import Refused
from dashboard.services.saving import ItemRow
from dashboard.services.sentences import sentences
from providers.base import CatalogueKind, Provider
from providers.fields import Caution, ItemForm, RowsField, flat, takes
from providers.typed import as_typed
from providers.types import Account, Item, Json


def connections_of(provider: Provider) -> forms.ModelChoiceField[Connection]:
    """A choice among the connections of a provider that are in use."""
    return forms.ModelChoiceField(
        queryset=Connection.objects.filter(provider=provider.key, archived_at=None),
        to_field_name="name",
        label=gettext_lazy("Connection"),
        empty_label=gettext_lazy("Choose…"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the connections in the list.")},
    )


class ConnectionChoiceForm(forms.Form):
    """For which connection an item is."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None, *, provider: Provider, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        field = self.fields["connection"] = connections_of(provider)
        known = list(field.queryset.values_list("name", flat=True)[:2])  # type: ignore[union-attr]
        if len(known) == 1 and not self.initial.get("connection"):
            self.initial["connection"] = known[0]


class FilterForm(forms.Form):
    """What the list of items shows."""

    q = forms.CharField(required=False, max_length=200, label=gettext_lazy("Search"))
    connection = forms.ModelChoiceField(
        queryset=Connection.objects.none(),
        required=False,
        to_field_name="name",
        empty_label=gettext_lazy("All connections"),
        label=gettext_lazy("Connection"),
    )
    show = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("In use")), ("archived", gettext_lazy("Archived")), ("all", gettext_lazy("In use and archived"))],
        label=gettext_lazy("Show"),
    )

    def __init__(self, data: Mapping[str, Any], *, provider: Provider) -> None:
        super().__init__(data)
        field = self.fields["connection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Connection.objects.filter(provider=provider.key)

    @classmethod
    def read(cls, data: Mapping[str, Any], *, provider: Provider) -> FilterForm:
        """The filters that an address asks for; those that make no sense are left out."""
        form = cls(data, provider=provider)
        return form if form.is_valid() else cls({name: data[name] for name in data if name not in form.errors}, provider=provider)

    def chosen(self) -> dict[str, Any]:
        """The filters in force."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ItemEntry:
    """A form for one item: the provider's form, and for a new item the choice of its connection."""

    def __init__(
        self,
        kind: CatalogueKind,
        provider: Provider,
        data: QueryDict | None = None,
        *,
        existing: CatalogueItem | None = None,
        connection: Connection | None = None,
    ) -> None:
        self.kind, self.existing = kind, existing
        edited = pressed(data) if data is not None else None
        self.sent = data is not None and edited is None
        self.status = Refused.status if self.sent else 200
        """What the page that shows it answers."""
        self.choice = None if existing else ConnectionChoiceForm(data, provider=provider, initial={"connection": connection})
        self.connection = existing.connection if existing else self._chosen() if data is not None else connection
        if self.choice and not self.sent:
            self.choice = ConnectionChoiceForm(None, provider=provider, initial={"connection": self.connection})
        self.form = self._form(data if self.sent else None, self._initial(edited), provider)

    def _chosen(self) -> Connection | None:
        assert self.choice is not None
        return self.choice.cleaned_data.get("connection") if self.choice.is_valid() else None

    def _initial(self, edited: QueryDict | None) -> dict[str, Any]:
        known = dict(self.kind.form.fields_of(self.existing.as_item())) if self.existing else {}
        return known if edited is None else known | as_typed(self.kind.form(edited, account=Account("", "", {})))

    def _form(self, data: QueryDict | None, initial: Mapping[str, Any], provider: Provider) -> ItemForm:
        account = self.connection.account() if self.connection else Account(provider.key, "", {})
        form = self.kind.form(data, account=account, initial=initial)
        if self.existing and self.existing.dispatches.exists():
            form.fields["key"].disabled = True
            form.fields["key"].help_text = _("History names it, so it stays as it is. To use another, archive this one and add it anew.")
        return form

    def __iter__(self) -> Iterator[BoundField]:
        yield from self.choice or ()
        yield from self.form

    @property
    def errors(self) -> dict[str, Any]:
        """The errors of both halves."""
        return {**(self.choice.errors if self.choice else {}), **self.form.errors}

    def non_field_errors(self) -> list[str]:
        """What belongs to no field."""
        return [str(text) for text in self.form.non_field_errors()]

    @property
    def has_rows(self) -> bool:
        """Whether the form needs the page's whole width."""
        return any(isinstance(field, RowsField) for field in self.form.fields.values())

    def is_valid(self) -> bool:
        """Whether the form was sent (not just a row added) and nothing is wrong with it."""
        return self.sent and all([self.connection is not None, self.form.is_valid()])

    def refuse(self, refusal: Refused) -> None:
        """Show what a service refused beside the field it names."""
        self.form.add_error(refusal.field if refusal.field in self.form.fields else None, refusal.message)
        self.status = refusal.status


def form_of(connection: Connection, kind: CatalogueKind, item: Item) -> ItemForm:
    """The provider's form holding an item, ready to be judged."""
    return kind.form(flat(kind.form.fields_of(item)), account=connection.account())


def cautions_of(row: CatalogueItem) -> list[Caution]:
    """The vendor's warnings about a stored item."""
    form = form_of(row.connection, row.declared, row.as_item())
    return form.cautions() if form.is_valid() else []


# --- whole files ----------------------------------------------------------------------------------

TRUE = ("true", "yes", "on", "1")
FALSE = ("", "false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of a file."""

    row: int
    text: str


def read_rows(
    connection: Connection, rows: Sequence[Mapping[str, Json]], *, kind: str = "", first_row: int = 1
) -> tuple[list[ItemRow], list[RowError]]:
    """The rows of a file, and what is wrong with those that are left out. `kind` stands in for rows that name none."""
    read: list[ItemRow] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, start=first_row):
        try:
            found = _read_row(connection, row, kind)
        except ValueError as error:
            errors += [RowError(number, text) for text in error.args]
            continue
        first = seen.setdefault((found.kind, found.item.key.casefold()), number)
        if first != number:
            errors.append(RowError(number, _("“%(key)s” is in row %(first)s already.") % {"key": found.item.key, "first": first}))
        read.append(found)
    return read, errors


def _read_row(connection: Connection, row: Mapping[str, Json], fallback: str) -> ItemRow:
    """One row of a file; raises ValueError with every sentence about it."""
    kinds = {kind.key: kind for kind in connection.vendor.catalogue}
    named = str(row.get("kind") or fallback)
    if named not in kinds:
        text = _("“%(kind)s” is not a kind of this provider; kinds are %(kinds)s.")
        raise ValueError(text % {"kind": named, "kinds": ", ".join(kinds)})
    data = flat({name: value for name, value in row.items() if name not in ("kind", "archived")})
    form = kinds[named].form(data, account=connection.account())
    if unknown := [name for name in data if not takes(form, name)]:
        text = _("Not understood: %(unknown)s. Known are %(known)s.")
        raise ValueError(text % {"unknown": ", ".join(unknown), "known": ", ".join(form.fields)})
    if not form.is_valid():
        raise ValueError(*sentences(form))
    item = form.item()
    return ItemRow(named, replace(item, archived=_is_archived(row)), form.data, tells_more=_tells_more(form, item))


def _tells_more(form: ItemForm, item: Item) -> bool:
    """Whether something was entered that the item does not keep."""
    return bool({name for name, value in flat(form.cleaned_data).items() if value} - set(flat(form.fields_of(item))))


def _is_archived(row: Mapping[str, Json]) -> bool:
    word = str(row.get("archived") or "").strip().lower()
    if word not in (*TRUE, *FALSE):
        raise ValueError(_("archived: “%(word)s” is neither true nor false.") % {"word": word[:60]})
    return word in TRUE
