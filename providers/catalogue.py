"""What forms ask of a connection's catalogue, and a catalogue that is held in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from providers.types import Item


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search found: the best first, and how many there are besides."""

    items: Sequence[Item]
    more: int = 0


class Catalogue(Protocol):
    """A connection's catalogue. A form asks for what it needs, so that it costs the same at any size."""

    def named(self, kind: str, texts: Collection[str]) -> Mapping[str, Item]:
        """The items that these texts name, by text; a text that names none is left out.

        A text names the item of that key, archived or not; failing that the one that differs from it by letter case alone; failing
        that the one item in use of that label; failing that the one whose label differs from it by letter case alone.
        """

    def first(self, kind: str, most: int) -> Sequence[Item]:
        """So many items in use, in their order."""

    def search(self, kind: str, text: str, most: int) -> Matches:
        """The items in use that have the text in key or label, whatever the letter case: those that begin with it first."""


def names(catalogue: Catalogue, kind: str, items: Sequence[Item]) -> list[str]:
    """What stands for each of these items where one types: its label where that leads back to it, its key otherwise."""
    found = catalogue.named(kind, {item.label for item in items if item.label})
    leads_to = {label: item.key for label, item in found.items()}
    return [item.label if leads_to.get(item.label) == item.key else item.key for item in items]


@dataclass(slots=True)
class Index:
    """The items of one kind by what people may type."""

    by_key: dict[str, Item] = field(default_factory=dict)
    by_folded: dict[str, Item] = field(default_factory=dict)
    by_label: dict[str, list[Item]] = field(default_factory=dict)
    by_folded_label: dict[str, list[Item]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[Item]) -> Index:
        """The index of these items; of those that differ by letter case alone the first is found."""
        made = cls()
        for item in items:
            made.by_key.setdefault(item.key, item)
            made.by_folded.setdefault(item.key.casefold(), item)
            if item.label and not item.archived:
                made.by_label.setdefault(item.label, []).append(item)
                made.by_folded_label.setdefault(item.label.casefold(), []).append(item)
        return made

    def keyed(self, text: str) -> Item | None:
        """The item of that key, or the first that differs from it by letter case alone."""
        return self.by_key.get(text) or self.by_folded.get(text.casefold())

    def labelled(self, text: str) -> Item | None:
        """The one item in use of that label, or of one that differs from it by letter case alone when none is spelled so."""
        found = self.by_label.get(text) or self.by_folded_label.get(text.casefold()) or []
        return found[0] if len(found) == 1 else None


class HeldCatalogue:
    """A catalogue in memory: items by kind, archived ones included and marked, in the order in which they are given."""

    def __init__(self, items: Mapping[str, Sequence[Item]] | None = None) -> None:
        self._items = items or {}
        self._indexes: dict[str, Index] = {}

    def named(self, kind: str, texts: Collection[str]) -> Mapping[str, Item]:
        """The items that these texts name, by text."""
        if kind not in self._indexes:
            self._indexes[kind] = Index.of(self._items.get(kind, ()))
        index = self._indexes[kind]
        return {text: item for text in texts if (item := index.keyed(text) or index.labelled(text))}

    def first(self, kind: str, most: int) -> Sequence[Item]:
        """So many items in use."""
        return self._in_use(kind)[:most]

    def search(self, kind: str, text: str, most: int) -> Matches:
        """The items in use that have the text in key or label, those that begin with it first."""
        wanted = text.casefold()
        words = [(item, (item.key.casefold(), item.label.casefold())) for item in self._in_use(kind)]
        found = [(item, said) for item, said in words if any(wanted in one for one in said)]
        best = sorted(found, key=lambda one: not any(word.startswith(wanted) for word in one[1]))[:most]
        return Matches([item for item, _said in best], len(found) - len(best))

    def _in_use(self, kind: str) -> list[Item]:
        return [item for item in self._items.get(kind, ()) if not item.archived]
