"""What a form will send, for reading: in words, as JSON, as a curl command, with what still needs attention."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from dashboard.services.compose import Prepared, Sheet, examine
from dashboard.services.confirming import Reason, repeats
from dashboard.services.curl import credential, curl
from dashboard.services.leaving_out import rest_of
from providers.base import Provider
from providers.fields import (
    ActionForm,
    BoundRows,
    CatalogueField,
    Caution,
    InstantField,
    PhoneField,
    RowForm,
    TextField,
    country_of,
)
from providers.segments import Segments, segments
from providers.types import Account, Item, Json

WIDE = 44
"""Characters up to which an object or list stands on one line, its indent counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct before the form can be sent."""

    id: str
    """The id of the control it belongs to; empty when it belongs to none."""
    label: str
    text: str
    is_gap: bool = False
    """Whether it is only not filled in yet."""


@dataclass(frozen=True, slots=True)
class Note:
    """What one entry of the form stands for: shown in the preview, and beside its field where scripts run."""

    id: str
    """The id of its control."""
    label: str


@dataclass(frozen=True, slots=True)
class Counted(Note):
    """An SMS text, as it will be cut."""

    segments: Segments


@dataclass(frozen=True, slots=True)
class Moment(Note):
    """A moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Named(Note):
    """A catalogue item."""

    item: Item
    typed: bool
    """Whether it was typed rather than chosen, so that its control does not show its name and key already."""


@dataclass(frozen=True, slots=True)
class Unlisted(Note):
    """A value that the catalogue does not know, where the provider takes any."""


@dataclass(frozen=True, slots=True)
class Dialled(Note):
    """A telephone number, as it will be sent."""

    number: str
    country: str
    """Where it belongs, by name; empty when the number does not tell."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that stands beside the form."""

    prepared: Prepared | None
    """None when nothing can be built yet."""
    whole: bool
    """False when fields with errors were left out to show the rest."""
    problems: list[Problem] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    texts: list[Counted] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    unlisted: list[Unlisted] = field(default_factory=list)
    numbers: list[Dialled] = field(default_factory=list)
    repeats: list[Reason] = field(default_factory=list)
    """What went to the same number lately."""
    account: Account | None = None
    vendor: Provider | None = None

    @property
    def has_notes(self) -> bool:
        """Whether something that was entered has more to say than its control shows."""
        return bool(self.texts or self.moments or self.numbers or self.unlisted or any(one.typed for one in self.named))

    @property
    def gaps(self) -> list[Problem]:
        """What is still to be filled in."""
        return [problem for problem in self.problems if problem.is_gap]

    @property
    def faults(self) -> list[Problem]:
        """What is filled in, and wrong."""
        return [problem for problem in self.problems if not problem.is_gap]

    @property
    def body(self) -> str:
        """The body laid out for reading, when it is JSON; otherwise as it is."""
        if not self.prepared:
            return ""
        try:
            return laid_out(json.loads(self.prepared.wire.body))
        except ValueError:
            return self.prepared.wire.body.decode("utf-8", "replace")

    @property
    def is_spread(self) -> bool:
        """Whether the body is laid out differently here than it leaves."""
        return self.prepared is not None and self.body.encode() != self.prepared.wire.body

    @property
    def curl(self) -> str:
        """The request as a command for a shell, the credential left out."""
        if not (self.prepared and self.account and self.vendor):
            return ""
        wire = self.prepared.wire
        body = wire.body.decode("utf-8", "replace")
        return curl(wire.method, wire.url, wire.headers, body, credential(self.account, self.vendor))


def preview(sheet: Sheet, form: ActionForm) -> Preview:
    """The preview of a filled form. When some fields have errors, the rest is shown without them, if it makes a request."""
    prepared = examine(sheet, form)
    judged, shown = (form, prepared) if prepared else rest_of(sheet, form)
    return Preview(
        prepared=shown,
        whole=prepared is not None,
        problems=problems_of(form),
        cautions=judged.cautions() if shown else [],
        texts=_texts(form),
        moments=_moments(form),
        named=_named(form, sheet),
        unlisted=_unlisted(form, sheet),
        numbers=_numbers(form),
        repeats=repeats(sheet, shown) if shown else [],
        account=sheet.context.account,
        vendor=sheet.connection.vendor,
    )


def problems_of(form: ActionForm) -> list[Problem]:
    """Every error of a form in its reading order, rows by their position."""
    found = [Problem("", "", str(text)) for text in form.non_field_errors()]
    for bound in form:
        if isinstance(bound, BoundRows) and any(row.errors for row in bound.rows):
            found += _row_problems(bound)
        else:
            found += _problems(bound, str(bound.label))
    return found


def _problems(bound: BoundField, label: str) -> list[Problem]:
    place = bound.id_for_label or bound.auto_id
    return [Problem(place, label, error.messages[0], error.code == "required") for error in bound.errors.as_data()]


def _row_problems(rows: BoundRows) -> list[Problem]:
    return [problem for _row, bound, label in _parts(rows) for problem in _problems(bound, label)]


def _parts(rows: BoundRows) -> Iterator[tuple[RowForm, BoundField, str]]:
    """The fields of all rows that are not blank, each with its row and a label that names it among the others."""
    for position, row in enumerate(rows.rows, start=1):
        for bound in row if not row.is_blank() else ():
            yield row, bound, _("%(rows)s %(row)s, %(part)s") % {"rows": rows.label, "row": position, "part": bound.label}


def _texts(form: ActionForm) -> list[Counted]:
    written = [(bound, _as_sent(bound)) for bound in form if isinstance(bound.field, TextField) and bound.field.sms]
    return [Counted(bound.auto_id, str(bound.label), segments(text)) for bound, text in written if text]


def _as_sent(bound: BoundField) -> str:
    """A text as it will leave; as it was typed while it cannot."""
    typed = str(bound.value() or "").replace("\r\n", "\n")
    return str(bound.form.cleaned_data.get(bound.name, typed))


def _moments(form: ActionForm) -> list[Moment]:
    named = [(bound, form.cleaned_data.get(bound.name)) for bound in form if isinstance(bound.field, InstantField)]
    return [Moment(bound.auto_id, str(bound.label), at) for bound, at in named if isinstance(at, datetime)]


def _numbers(form: ActionForm) -> list[Dialled]:
    read = [(bound, form.cleaned_data.get(bound.name)) for bound in form if isinstance(bound.field, PhoneField)]
    return [Dialled(bound.auto_id, str(bound.label), number, country_of(number)) for bound, number in read if number]


def _from_catalogue(form: ActionForm, sheet: Sheet) -> Iterator[tuple[CatalogueField, str, str, Item | None]]:
    """What the form and its rows take from the catalogue, or could: the field, its control's id, its label and the item."""
    bounds = [(bound, str(bound.label), form.cleaned_data) for bound in form]
    for rows in (bound for bound in form if isinstance(bound, BoundRows)):
        bounds += [(bound, label, row.cleaned_data) for row, bound, label in _parts(rows) if row.is_valid()]
    for bound, label, cleaned in bounds:
        if isinstance(bound.field, CatalogueField) and (key := cleaned.get(bound.name)):
            yield bound.field, bound.auto_id, label, sheet.context.item(bound.field.kind, str(key))


def _named(form: ActionForm, sheet: Sheet) -> list[Named]:
    """The catalogue's words for what the form addresses, where it has some."""
    found = _from_catalogue(form, sheet)
    return [Named(place, label, item, typed=field.is_typed) for field, place, label, item in found if item and item.label]


def _unlisted(form: ActionForm, sheet: Sheet) -> list[Unlisted]:
    """What is typed where the catalogue has something to suggest, and is not in it."""
    return [Unlisted(place, label) for field, place, label, item in _from_catalogue(form, sheet) if item is None and field.is_typed]


# --- the request as text ------------------------------------------------------------------------


def laid_out(value: Json, indent: str = "") -> str:
    """A JSON value for reading: indented, what is short on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or (indent and len(indent) + len(flat) <= WIDE):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(name, ensure_ascii=False)}: {laid_out(part, inner)}" for name, part in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + laid_out(part, inner) for part in value) + f"\n{indent}]"
