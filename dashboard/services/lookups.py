"""A connection's catalogue as forms ask for it: by queries that cost the same at any size of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, QuerySet, When, Window
from django.db.models.functions import Lower, RowNumber

from dashboard.models import CatalogueItem, Connection
from providers.catalogue import HeldCatalogue, Index, Matches
from providers.fields import MOST_SUGGESTED, suggestions
from providers.types import Item

LONGEST = 200
"""Characters of a key or label at most: what is longer names nothing."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested for a text, as (value, what else it is called), and how much more there is."""

    options: list[tuple[str, str]]
    more: int
    is_none: bool
    """Whether one must choose from the catalogue, and it has nothing like that."""


def suggested(*, connection: Connection, kind: str, text: str, by_key: bool) -> Suggested:
    """The best suggestions for a text; the first of all for none."""
    catalogue = StoredCatalogue(connection)
    found = catalogue.search(kind, text, MOST_SUGGESTED) if text else Matches(catalogue.first(kind, MOST_SUGGESTED))
    return Suggested(suggestions(catalogue, kind, found.items, by_key=by_key), found.more, not (found.items or by_key))


class StoredCatalogue:
    """The catalogue in the database. What was asked once is not asked again, so one of these lives as long as one page."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._named: dict[str, dict[str, Item | None]] = {}
        self._first: dict[tuple[str, int], list[Item]] = {}

    def named(self, kind: str, texts: Collection[str]) -> Mapping[str, Item]:
        """The items that these texts name, by text. Many texts cost no more queries than one."""
        known = self._named.setdefault(kind, {})
        if new := {text for text in texts if _can_name(text)} - known.keys():
            found = self._look_up(kind, new)
            known |= dict.fromkeys(new) | found | {item.key: item for item in found.values()}
        return {text: item for text in texts if (item := known.get(text))}

    def first(self, kind: str, most: int) -> Sequence[Item]:
        """So many items in use, by key."""
        if (kind, most) not in self._first:
            self._first[kind, most] = _items(self._in_use(kind).order_by(Lower("key"))[:most])
        return self._first[kind, most]

    def search(self, kind: str, text: str, most: int) -> Matches:
        """The items in use that have the text in key or label, those that begin with it first."""
        if not _can_name(text):
            return Matches([])
        if not text.isascii():
            return self._compared_here(kind, text).search(kind, text, most)
        found = self._in_use(kind).filter(Q(key__icontains=text) | Q(label__icontains=text))
        begins = Case(When(Q(key__istartswith=text) | Q(label__istartswith=text), then=0), default=1, output_field=IntegerField())
        items = _items(found.order_by(begins, Lower("key"))[:most])
        return Matches(items, found.count() - len(items) if len(items) == most else 0)

    def _rows(self, kind: str) -> QuerySet[CatalogueItem]:
        return CatalogueItem.objects.filter(connection=self._connection, kind=kind)

    def _in_use(self, kind: str) -> QuerySet[CatalogueItem]:
        return self._rows(kind).filter(archived_at=None)

    def _look_up(self, kind: str, texts: Collection[str]) -> dict[str, Item]:
        found = self._by_key(kind, texts)
        if rest := [text for text in texts if text not in found]:
            found |= self._by_label(kind, rest)
        if strange := [text for text in texts if text not in found and not text.isascii()]:
            found |= self._by_spelling(kind, strange)
        return found

    def _by_key(self, kind: str, texts: Collection[str]) -> dict[str, Item]:
        """The items of these keys, letter case as the database folds it."""
        folded = {spelling for text in texts for spelling in (text.lower(), _ascii_lower(text))}
        rows = self._rows(kind).annotate(folded=Lower("key")).filter(folded__in=folded).order_by("folded")
        index = Index.of(_items(rows))
        return {text: item for text in texts if (item := index.keyed(text))}

    def _by_label(self, kind: str, texts: Collection[str]) -> dict[str, Item]:
        """The items in use that alone have these labels, ASCII ones in any letter case. Two of a label show that it has many."""
        labelled = Q(label__in=texts) | Q(folded__in={text.lower() for text in texts if text.isascii()})
        rows = self._in_use(kind).annotate(folded=Lower("label")).filter(labelled)
        index = Index.of(_items(rows.annotate(nth=Window(RowNumber(), partition_by=F("label"))).filter(nth__lte=2)))
        return {text: item for text in texts if (item := index.labelled(text))}

    def _by_spelling(self, kind: str, texts: Collection[str]) -> dict[str, Item]:
        """The items whose keys or labels differ from these texts by letter case alone, compared here as SQLite folds ASCII letters only."""
        wanted, words = {text.casefold() for text in texts}, self._rows(kind).values_list("pk", "key", "label")
        found = [pk for pk, key, label in words if key.casefold() in wanted or label.casefold() in wanted]
        index = Index.of(_items(self._rows(kind).filter(pk__in=found)) if found else [])
        return {text: item for text in texts if (item := index.keyed(text) or index.labelled(text))}

    def _compared_here(self, kind: str, text: str) -> HeldCatalogue:
        """The keys and labels in use that have the text in them, whatever the letter case, for the same reason."""
        wanted, words = text.casefold(), self._in_use(kind).order_by(Lower("key")).values_list("key", "label")
        found = [Item(key, label) for key, label in words if wanted in key.casefold() or wanted in label.casefold()]
        return HeldCatalogue({kind: found})


def _items(rows: QuerySet[CatalogueItem]) -> list[Item]:
    found = rows.values_list("key", "label", "data", "archived_at")
    return [Item(key, label, data, archived is not None) for key, label, data, archived in found]


def _can_name(text: str) -> bool:
    """Whether a text can be a key or label, and stand in a query."""
    return 0 < len(text) <= LONGEST and "\0" not in text and text.encode(errors="replace").decode() == text


def _ascii_lower(text: str) -> str:
    return text.encode().lower().decode()
