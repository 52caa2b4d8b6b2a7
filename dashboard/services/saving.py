"""Saves catalogue items, and performs at the vendor what a kind declares for it (registering a provider)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.choices import Source
from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.services import catalogue, compose
from dashboard.services.dispatches import new_ref, submit
from dashboard.services.refusals import Refused
from dashboard.services.sentences import sentences
from providers.types import Item


@dataclass(frozen=True, slots=True)
class Saved:
    """The stored item, and the dispatch that takes it to the vendor where its kind has one."""

    item: CatalogueItem
    dispatch: Dispatch | None = None


@transaction.atomic
def save(
    *,
    connection: Connection,
    kind: str,
    item: Item,
    data: Mapping[str, Any],
    by: Person,
    existing: CatalogueItem | None = None,
    opened: str = "",
) -> Saved:
    """Save an item and send it to the vendor where its kind asks for that; both or neither. Raises Refused.

    `data` is the flat form data that made the item: an item can leave out what is only for the vendor.
    """
    row = catalogue.save(connection=connection, kind=kind, item=item, by=by, existing=existing, opened=opened)
    return Saved(row, _perform(row, data, by) if row.declared.saves_by else None)


def _perform(row: CatalogueItem, data: Mapping[str, Any], by: Person) -> Dispatch:
    """Submit the kind's action, whose form takes the same data as the item's."""
    ref, connection = new_ref(), row.connection
    action = connection.vendor.action(row.declared.saves_by)
    context = compose.context_for(connection=connection, ref=ref, person=by)
    form = action.form({name: data[name] for name in data} | {action.target_field: row.key}, context=context)
    if not form.is_valid():
        raise Refused(" ".join(sentences(form)))
    request = replace(compose.prepare(connection=connection, action_key=action.key, form=form), item=row)
    return submit(connection=connection, requests=[request], ref=ref, by=by, source=Source.CATALOGUE).dispatches[0]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One row of a file: the item, and the flat form data that made it, which can tell more than the item keeps."""

    kind: str
    item: Item
    data: Mapping[str, Any]
    tells_more: bool


@transaction.atomic
def import_rows(*, connection: Connection, rows: Sequence[ItemRow], by: Person | str, first_row: int = 1) -> list[CatalogueItem]:
    """Import a whole file, and send to the vendor what its kind asks for; everything or nothing. Raises Refused, naming the row.

    What is there already, and of which the row tells nothing new, is not sent again.
    """
    news = [_is_news(connection, row) for row in rows]
    pairs = [(row.kind, row.item) for row in rows]
    made = catalogue.import_items(connection=connection, items=pairs, by=by, first_row=first_row)
    for number, (row, item, new) in enumerate(zip(rows, made, news, strict=True), start=first_row):
        if new and not item.archived_at:
            _perform_row(number, row, item, by)
    return made


def _is_news(connection: Connection, row: ItemRow) -> bool:
    """Whether the row is of a kind that the vendor is told of, and tells something new."""
    if not connection.vendor.kind(row.kind).saves_by:
        return False
    return row.tells_more or not catalogue.holds(connection=connection, kind=row.kind, item=row.item)


def _perform_row(number: int, row: ItemRow, item: CatalogueItem, by: Person | str) -> None:
    try:
        if not isinstance(by, Person):
            text = _("Saving a %(kind)s sends it to the provider, and that needs a person: name one with --by.")
            raise Refused(text % {"kind": item.declared.label})
        _perform(item, row.data, by)
    except Refused as refusal:
        raise catalogue.refused_row(number, refusal) from refusal
