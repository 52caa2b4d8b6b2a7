"""Lists a page at a time, found by key: page 4,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
MOST_PAGES = 10_000
SIZE = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, with the query strings that lead to the pages beside it; empty where there is none."""

    rows: Sequence[Row]
    newer: str = ""
    older: str = ""
    size: int = SIZE

    def __bool__(self) -> bool:
        return bool(self.rows)


def page_by_key(queryset: QuerySet[Row], *, params: QueryDict, size: int = SIZE, key: str = "-id") -> Page[Row]:
    """The page that `params` asks for by `before` or `after`; anything else in `params` is kept in the links.

    `key` names a unique column, with a leading minus for descending order. A value that the column cannot
    hold is ignored.
    """
    column, descending = key.removeprefix("-"), key.startswith("-")
    towards = "after" if "after" in params and "before" not in params else "before"
    start = _value(queryset, column, params.get(towards))
    onward = start is None or towards == "before"
    found = _slice(queryset, column, start, less=descending == onward)[: size + 1]
    more = len(found) > size
    rows = list(found[:size]) if onward else list(reversed(found[:size]))
    if not rows and start is not None:
        return page_by_key(queryset, params=_without_place(params), size=size, key=key)
    has_newer, has_older = (start is not None, more) if onward else (more, True)
    return Page(
        rows=rows,
        newer=_link(params, "after", getattr(rows[0], column)) if rows and has_newer else "",
        older=_link(params, "before", getattr(rows[-1], column)) if rows and has_older else "",
        size=size,
    )


def page_by_place(queryset: QuerySet[Row], *, params: QueryDict, size: int = SIZE) -> Page[Row]:
    """The page that `params` asks for by `page`, counted from 1: for short lists in an order that no unique column has."""
    asked = params.get("page", "")
    number = min(int(asked), MOST_PAGES) if asked.isascii() and asked.isdecimal() and int(asked[:9]) else 1
    found = list(queryset[(number - 1) * size : number * size + 1])
    return Page(
        rows=found[:size],
        newer=_link(params, "page", number - 1) if number > 1 else "",
        older=_link(params, "page", number + 1) if len(found) > size else "",
        size=size,
    )


def _slice(queryset: QuerySet[Row], column: str, start: Any, *, less: bool) -> QuerySet[Row]:
    """The rows beyond `start` on one side, nearest first."""
    ordered = queryset.order_by(f"-{column}" if less else column)
    return ordered if start is None else ordered.filter(**{f"{column}__{'lt' if less else 'gt'}": start})


def _value(queryset: QuerySet[Row], column: str, text: str | None) -> Any:
    if not text:
        return None
    try:
        field = queryset.model._meta.get_field(column)
        value = field.to_python(text) if isinstance(field, Field) else None
    except ValidationError:
        return None
    return value if not isinstance(value, int) or abs(value) < 2**63 else None


def _without_place(params: QueryDict) -> QueryDict:
    kept = params.copy()
    for name in ("before", "after", "page"):
        kept.pop(name, None)
    return kept


def _link(params: QueryDict, name: str, value: Any) -> str:
    kept = _without_place(params)
    kept[name] = str(value)
    return f"?{kept.urlencode()}"
