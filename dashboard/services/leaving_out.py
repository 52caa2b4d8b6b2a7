"""What a form makes without what is wrong in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

from dashboard.services.compose import Prepared, Sheet, examine
from providers.fields import ActionForm, BoundRows, RowForm, RowsField, row_indexes

LeftOut = tuple[Set[str], Collection[str]]
"""Fields, and single rows of others, like `skills-0`."""


def rest_of(sheet: Sheet, form: ActionForm) -> tuple[ActionForm, Prepared | None]:
    """What a form makes without its rows in error, or its fields in error; of those that may need them, without as few as it can."""
    wrong = set(form.errors)
    for names, rows in _attempts(form, wrong):
        if not (made := _made_without(sheet, form, names, rows)):
            continue
        for name in _entered(form, names - wrong):
            if more := _made_without(sheet, form, names - {name}, rows):
                made, names = more, names - {name}
        return made
    return form, None


def _attempts(form: ActionForm, wrong: set[str]) -> Iterator[LeftOut]:
    """What may be left out, from less to more: the errors alone, then the optional fields beside them, then the rows there too."""
    near = [name for group in form.all_groups() if wrong.intersection(group.fields) for name in group.fields if name in form.fields]
    optional = {name for name in near if not form.fields[name].required}
    lists = {name for name in optional if isinstance(form.fields[name], RowsField)}
    bad = {str(row.prefix): name for name in lists & wrong for row in _rows(form, name) if row.errors}
    whole = wrong - set(bad.values())
    yield whole, bad
    yield wrong, ()
    yield whole | optional - lists, bad
    yield wrong | optional - lists, ()
    yield wrong | optional, ()


def _made_without(sheet: Sheet, form: ActionForm, names: Set[str], rows: Collection[str]) -> tuple[ActionForm, Prepared] | None:
    judged = sheet.filled(without(form.data, names, rows))
    prepared = examine(sheet, judged)
    return (judged, prepared) if prepared else None


def _entered(form: ActionForm, names: Set[str]) -> list[str]:
    """Those of the fields that hold something, in the form's order."""
    return [name for name in form.fields if name in names and (form.data.get(name) or row_indexes(form.data, name))]


def _rows(form: ActionForm, name: str) -> list[RowForm]:
    bound = form[name]
    return bound.rows if isinstance(bound, BoundRows) else []


def without(data: Mapping[str, Any], names: Collection[str], rows: Collection[str] = ()) -> dict[str, Any]:
    """The data of a form without some of its fields, their rows included, and without single rows of others, like `skills-0`."""
    gone = (*(f"{name}-{index}-" for name in names for index in row_indexes(data, name)), *(f"{row}-" for row in rows))
    return {key: value for key, value in data.items() if key not in names and not key.startswith(gone)}
