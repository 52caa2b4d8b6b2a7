"""Saves catalogue items, and performs at the vendor what a kind declares for it (registering a provider)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction

from dashboard.choices import Source
from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.services import catalogue, compose
from dashboard.services.dispatches import new_ref, submit
from dashboard.services.refusals import Refused
from providers.fields import flat
from providers.types import Item


@dataclass(frozen=True, slots=True)
class Saved:
    """The stored item, and the dispatch that takes it to the vendor where its kind has one."""

    item: CatalogueItem
    dispatch: Dispatch | None = None


@transaction.atomic
def save(*, connection: Connection, kind: str, item: Item, by: Person, existing: CatalogueItem | None = None) -> Saved:
    """Save an item and send it to the vendor where its kind asks for that; both or neither. Raises Refused."""
    row = catalogue.save(connection=connection, kind=kind, item=item, by=by, existing=existing)
    return Saved(row, _perform(row, by) if row.declared.saves_by else None)


def _perform(row: CatalogueItem, by: Person) -> Dispatch:
    """Submit the kind's action, whose fields are the item's own; the name goes into the action's target field."""
    ref, connection = new_ref(), row.connection
    action = connection.vendor.action(row.declared.saves_by)
    form = action.form(
        flat({action.target_field: row.key, **row.data}), context=compose.context_for(connection=connection, ref=ref, person=by)
    )
    if not form.is_valid():
        raise Refused(" ".join(str(text) for errors in form.errors.values() for text in errors))
    request = replace(compose.prepare(connection=connection, action_key=action.key, form=form), item=row)
    return submit(connection=connection, requests=[request], ref=ref, by=by, source=Source.CATALOGUE).dispatches[0]
