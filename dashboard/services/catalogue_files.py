"""Catalogue items as files: JSON with nested rows, CSV with flat columns like `properties-0-key`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from dashboard.services.refusals import Refused
from providers.fields import flat
from providers.strict import Ambiguous, strict_json
from providers.types import Json

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with, because spreadsheets would run it."""
FIRST_COLUMNS = ("kind", "key", "label", "archived")


def rows_of(text: str, form: str) -> tuple[list[dict[str, Json]], int]:
    """The rows of a file in the format `json` or `csv`, and the number of its first row. Raises Refused."""
    return (_json_rows(text), 1) if form == "json" else (_csv_rows(text), 2)


def _json_rows(text: str) -> list[dict[str, Json]]:
    try:
        rows = strict_json(text)
    except json.JSONDecodeError as error:
        raise Refused(_("This is not JSON: line %(line)s, %(what)s.") % {"line": error.lineno, "what": error.msg}) from error
    except Ambiguous as error:
        raise Refused(str(error)) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(_("The file must hold a list of objects, like the export makes it."))
    return rows


def _csv_rows(text: str) -> list[dict[str, Json]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    try:
        columns = reader.fieldnames or ()
        rows = list(reader)
    except csv.Error as error:
        raise Refused(_("This is not CSV: line %(line)s, %(what)s.") % {"line": reader.line_num, "what": error}) from error
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise Refused(_("The column “%(name)s” is there twice.") % {"name": twice[0]})
    if long := next((number for number, row in enumerate(rows, start=2) if None in row), None):
        raise Refused(_("Row %(row)s has more cells than the header.") % {"row": long})
    return [{name: _unescaped(value) for name, value in row.items() if value} for row in rows]


def _delimiter(text: str) -> str:
    """Spreadsheets write semicolons where the comma is the decimal mark."""
    header = text.partition("\n")[0]
    return ";" if ";" in header and "," not in header else ","


def text_of(rows: Iterable[Mapping[str, Json]], form: str) -> str:
    """Rows as a file in the format `json` or `csv`; formulas in CSV are made harmless."""
    if form == "json":
        return json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n"
    flattened = [flat(row) for row in rows]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _columns(flattened), restval="")
    writer.writeheader()
    writer.writerows({name: _escaped(value) for name, value in row.items()} for row in flattened)
    return out.getvalue()


def _columns(rows: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys([*FIRST_COLUMNS, *(name for row in rows for name in row)]))


def _escaped(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


def _unescaped(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA) else value
