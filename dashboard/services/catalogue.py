"""What supervisors set up under a connection: saving, archiving, importing and exporting catalogue items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.models import CatalogueItem, Connection, Person
from dashboard.services import audit, disk
from dashboard.services.changes import differing, refuse_overtaken, version_of
from dashboard.services.refusals import Refused
from providers.types import Item, Json


def folded_keys(*, connection: Connection, kind: str) -> set[str]:
    """The keys of every item of a kind, archived ones included, without their letter case."""
    keys = CatalogueItem.objects.filter(connection=connection, kind=kind).values_list("key", flat=True)
    return {key.casefold() for key in keys}


@transaction.atomic
def save(
    *, connection: Connection, kind: str, item: Item, by: Person | str, existing: CatalogueItem | None = None, opened: str = ""
) -> CatalogueItem:
    """Add an item, or change `existing`. Raises Refused: a name taken, or changed although history knows it, or since `opened`."""
    disk.refuse_when_full()
    row = CatalogueItem.objects.select_for_update().get(pk=existing.pk) if existing else CatalogueItem(connection=connection, kind=kind)
    before = _facts(row) if existing else None
    refuse_overtaken(row, before or {}, opened)
    _refuse_twin(connection, kind, item.key, existing)
    if existing and item.key != existing.key and existing.dispatches.exists():
        text = _("History names “%(key)s”, so this cannot be changed. Archive this one and add another; “Shown as” can be changed.")
        raise Refused(text % {"key": existing.key}, "key")
    row.key, row.label, row.data = item.key, item.label, dict(item.data)
    if _facts(row) != before:
        _store(row)
        _record(row, before, by)
    return row


def _refuse_twin(connection: Connection, kind: str, key: str, existing: CatalogueItem | None) -> None:
    twin = find(connection=connection, kind=kind, key=key)
    if twin and twin != existing:
        raise Refused(_taken(twin), "key")


def find(*, connection: Connection, kind: str, key: str) -> CatalogueItem | None:
    """The item of that kind and key, archived or not, whatever the letter case."""
    rows = CatalogueItem.objects.filter(connection=connection, kind=kind).select_related("connection")
    if key.isascii():
        return rows.annotate(folded=Lower("key")).filter(folded=key.lower()).first()
    # Compared here, because SQLite folds ASCII letters only.
    found = next((pk for pk, known in rows.values_list("pk", "key") if known.casefold() == key.casefold()), None)
    return rows.get(pk=found) if found else None


def holds(*, connection: Connection, kind: str, item: Item) -> bool:
    """Whether that very item is there, in use."""
    row = find(connection=connection, kind=kind, key=item.key)
    return row is not None and row.archived_at is None and _facts(row) == {"key": item.key, "label": item.label, **item.data}


def _taken(twin: CatalogueItem) -> str:
    if twin.archived_at:
        text = _("%(connection)s has “%(key)s” in its archive. Restore it instead; letter case makes no difference.")
    else:
        text = _("%(connection)s has “%(key)s” already; letter case makes no difference.")
    return text % {"connection": twin.connection.name, "key": twin.key}


def _store(row: CatalogueItem) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("Somebody saved this name at the same moment; look at the list."), "key") from error


def version(row: CatalogueItem) -> str:
    """The version of what an item holds."""
    return version_of(_facts(row))


def _facts(row: CatalogueItem) -> dict[str, Any]:
    return {"key": row.key, "label": row.label, **row.data}


def _record(row: CatalogueItem, before: dict[str, Any] | None, by: Person | str) -> None:
    detail: dict[str, Any] = {"kind": str(row.declared.label), "connection": row.connection.name}
    after = _facts(row)
    if before is None:
        audit.record(by, "item.added", obj=row, name=row.key, detail=detail, after=after)
    else:
        # The names only: an item can hold what belongs in no log.
        detail["changes"] = ", ".join(differing(before, after))
        audit.record(by, "item.changed", obj=row, name=row.key, detail=detail, before=before, after=after)


@transaction.atomic
def archive(*, item: CatalogueItem, by: Person | str) -> bool:
    """Take an item out of the composer's lists; whether anything changed. History keeps it."""
    changed = CatalogueItem.objects.filter(pk=item.pk, archived_at=None).update(archived_at=timezone.now())
    return _noted(item, "item.archived", changed, by)


@transaction.atomic
def restore(*, item: CatalogueItem, by: Person | str) -> bool:
    """Offer an archived item again; whether anything changed."""
    changed = CatalogueItem.objects.filter(pk=item.pk, archived_at__isnull=False).update(archived_at=None)
    return _noted(item, "item.restored", changed, by)


def _noted(item: CatalogueItem, action: str, changed: int, by: Person | str) -> bool:
    item.refresh_from_db(fields=["archived_at"])
    if changed:
        audit.record(by, action, obj=item, name=item.key, detail={"kind": str(item.declared.label), "connection": item.connection.name})
    return bool(changed)


@transaction.atomic
def import_items(*, connection: Connection, items: Iterable[tuple[str, Item]], by: Person | str, first_row: int = 1) -> list[CatalogueItem]:
    """Add or change many items, given as (kind, item); all of them or, when one is Refused, none. The refusal names its row."""
    disk.refuse_when_full()
    rows = []
    for number, (kind, item) in enumerate(items, start=first_row):
        try:
            rows.append(_imported(connection, kind, item, by))
        except Refused as refusal:
            raise refused_row(number, refusal) from refusal
    audit.record(by, "items.imported", obj=connection, detail={"count": len(rows)})
    return rows


def refused_row(number: int, refusal: Refused) -> Refused:
    """The same refusal, naming the row of the file."""
    return Refused(_("Row %(row)s: %(text)s") % {"row": number, "text": refusal.message})


def _imported(connection: Connection, kind: str, item: Item, by: Person | str) -> CatalogueItem:
    existing = find(connection=connection, kind=kind, key=item.key)
    row = save(connection=connection, kind=kind, item=item, by=by, existing=existing)
    if item.archived:
        archive(item=row, by=by)
    elif row.archived_at:
        restore(item=row, by=by)
    return row


def export_items(*, connection: Connection, kind: str = "") -> Iterator[dict[str, Json]]:
    """Every item of a connection, or of one kind, as the data that imports it again."""
    rows = CatalogueItem.objects.filter(connection=connection).order_by("kind", Lower("key")).select_related("connection")
    for row in rows.filter(kind=kind) if kind else rows:
        fields = row.declared.form.fields_of(row.as_item())
        yield {"kind": row.kind, **fields, "archived": row.archived_at is not None}
