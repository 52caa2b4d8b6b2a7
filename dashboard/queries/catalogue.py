"""What the catalogue holds, by provider and kind, and where its items were used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from dashboard.models import CatalogueItem, Connection, Dispatch, Errand
from dashboard.services.errands import FETCH
from providers.base import Action, CatalogueKind, Provider
from providers.fields import RowsField
from providers.registry import PROVIDERS
from providers.types import Json

LATEST = 10
"""Dispatches shown on an item's page."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of one provider, with the number of its items."""

    kind: CatalogueKind
    live: int
    archived: int


@dataclass(frozen=True, slots=True)
class Section:
    """One provider's part of the catalogue."""

    provider: Provider
    connections: int
    shelves: list[Shelf]


def sections() -> list[Section]:
    """The whole catalogue by provider and kind."""
    counted = CatalogueItem.objects.values_list("connection__provider", "kind").annotate(
        live=Count("pk", filter=Q(archived_at=None)), archived=Count("pk", filter=Q(archived_at__isnull=False))
    )
    counts = {(provider, kind): (live, archived) for provider, kind, live, archived in counted.order_by()}
    used = dict(Connection.objects.filter(archived_at=None).values_list("provider").annotate(count=Count("pk")).order_by())
    return [
        Section(
            provider,
            int(used.get(provider.key, 0)),
            [Shelf(kind, *counts.get((provider.key, kind.key), (0, 0))) for kind in provider.catalogue],
        )
        for provider in PROVIDERS.values()
    ]


def items(
    provider: Provider, kind: CatalogueKind, *, q: str = "", connection: Connection | None = None, show: str = ""
) -> QuerySet[CatalogueItem]:
    """The items of one kind; `show` is empty for those in use, `archived` or `all`."""
    rows = CatalogueItem.objects.filter(kind=kind.key, connection__provider=provider.key).select_related("connection")
    if show != "all":
        rows = rows.filter(archived_at__isnull=show != "archived")
    if connection:
        rows = rows.filter(connection=connection)
    if q:
        rows = rows.filter(Q(key__icontains=q) | Q(label__icontains=q))
    return rows


def last_used(rows: Sequence[CatalogueItem]) -> dict[int, datetime]:
    """When each of these items was last dispatched to, by its id."""
    newest = Dispatch.objects.filter(item=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
    found = CatalogueItem.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", Subquery(newest))
    return {item: at for item, at in found if at}


@dataclass(frozen=True, slots=True)
class Use:
    """Where an item was used."""

    count: int
    latest: list[Dispatch]


def use_of(row: CatalogueItem) -> Use:
    """How many dispatches went to an item, and the latest of them."""
    rows = Dispatch.objects.filter(item=row)
    return Use(rows.count(), list(rows.order_by("-id").select_related("connection", "decision").defer("command_sealed")[:LATEST]))


def latest_saving(row: CatalogueItem) -> Dispatch | None:
    """The dispatch that saved an item at the vendor the last time; None when its kind is ours alone."""
    action = row.declared.saves_by
    return Dispatch.objects.filter(item=row, action=action).order_by("-id").first() if action else None


def actions_for(provider: Provider, kind: CatalogueKind) -> list[Action]:
    """The composer's actions that address a kind."""
    return [action for action in provider.actions if action.composed and action.target_kind == kind.key]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of an item in words: a text, or for a list of rows one text each."""

    label: str
    text: str = ""
    rows: tuple[str, ...] = ()


def facts(row: CatalogueItem) -> list[Fact]:
    """What an item holds, in its form's words; what is empty is left out."""
    form = row.declared.form(account=row.connection.account(), initial=row.declared.form.fields_of(row.as_item()))
    found = []
    for name, field in form.fields.items():
        value = form.initial.get(name)
        if isinstance(field, RowsField):
            found.append(Fact(str(field.label), rows=tuple(_row_in_words(field.row(), values) for values in value or ())))
        else:
            found.append(Fact(str(field.label), shown(field, value)))
    return [fact for fact in found if fact.text or fact.rows]


def _row_in_words(row: forms.Form, values: Json) -> str:
    cells = ((str(field.label), shown(field, values.get(name))) for name, field in row.fields.items())
    return ", ".join(f"{label}: {text}" for label, text in cells if text)


def shown(field: forms.Field, value: Json) -> str:
    """A value as people read it: a choice by its label, yes for a tick."""
    if value is True:
        return "✓"
    if value in (None, "", False):
        return ""
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ()) if not isinstance(label, (list, tuple))}
    return labels.get(str(value), str(value))


def last_fetch(connection: Connection, kind: CatalogueKind) -> Errand | None:
    """The newest look-up of a kind at the vendor."""
    return Errand.objects.filter(connection=connection, what=f"{FETCH}{kind.key}").order_by("-id").first()
