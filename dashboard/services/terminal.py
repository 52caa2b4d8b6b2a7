"""What the terminal needs to compose: form data from files, the requests they make, and the outcome as data."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from dashboard.choices import OPEN, State
from dashboard.models import Dispatch
from dashboard.services.compose import Prepared, Sheet, examine
from dashboard.services.refs import refs_of
from providers.errors import CannotExpress
from providers.fields import ActionForm, RowsField, flat, takes
from providers.types import Draft, Json

POLL = 0.1
"""Seconds between two looks at a dispatch that is waited for."""


@dataclass(frozen=True, slots=True)
class Entered:
    """One form as a file filled it, judged; `prepared` is None when it has errors."""

    form: ActionForm
    prepared: Prepared | None


def entered(sheet: Sheet, fields: Mapping[str, Json]) -> Entered:
    """The form of nested form data. Raises CannotExpress for a name or a shape that the form does not have."""
    _check_shape(sheet, fields)
    form = sheet.filled(flat(fields))
    if unknown := [name for name in flat(fields) if not takes(form, name)]:
        text = _("%(action)s has no field “%(name)s”. Its fields are %(known)s.")
        raise CannotExpress(text % {"action": sheet.action.key, "name": unknown[0], "known": ", ".join(form.fields)})
    return Entered(form, examine(sheet, form))


def _check_shape(sheet: Sheet, fields: Mapping[str, Json]) -> None:
    """Refuse a list where none may stand, and one that holds anything but objects."""
    for name, value in fields.items():
        rows = isinstance(sheet.action.form.base_fields.get(name), RowsField)
        if rows and not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
            raise CannotExpress(_("“%(name)s” must be a list of objects.") % {"name": name}, name)
        if isinstance(value, list) and not rows:
            raise CannotExpress(_("“%(name)s” takes no list.") % {"name": name}, name)


def drafted(sheet: Sheet, drafts: Sequence[Draft]) -> list[Entered]:
    """The forms of a vendor's body, each under a reference of its own. Raises CannotExpress when it asks for another action."""
    refs = refs_of(sheet.ref, len(drafts))
    sheets = [replace(sheet, context=replace(sheet.context, reference=ref)) for ref in refs]
    return [_drafted(one, draft) for one, draft in zip(sheets, drafts, strict=True)]


def _drafted(sheet: Sheet, draft: Draft) -> Entered:
    """One of them. A body that two actions would send alike is taken for either."""
    found = entered(sheet, draft.fields)
    if draft.action == sheet.action.key:
        return found
    named = entered(replace(sheet, action=sheet.connection.vendor.action(draft.action)), draft.fields)
    if found.prepared and named.prepared and found.prepared.wire == named.prepared.wire:
        return found
    raise CannotExpress(_("The body asks for %(found)s, not for %(wanted)s.") % {"found": draft.action, "wanted": sheet.action.key})


def wait_for(dispatches: Sequence[Dispatch], seconds: float) -> list[Dispatch]:
    """The dispatches as they stand once all are settled, or when the time is over."""
    until = time.monotonic() + seconds
    while True:
        rows = list(Dispatch.objects.filter(pk__in=[one.pk for one in dispatches]).order_by("position").prefetch_related("references"))
        if time.monotonic() >= until or not any(row.state in OPEN for row in rows):
            return rows
        time.sleep(POLL)


def outcome(rows: Sequence[Dispatch]) -> State:
    """The word for all of them: one that is under way first, then one in doubt, then one that failed."""
    states = [State(row.state) for row in rows]
    for group in (OPEN, {State.IN_DOUBT}, {State.REJECTED, State.NOT_SENT, State.CANCELLED}):
        if found := next((state for state in states if state in group), None):
            return found
    return State.ACCEPTED


def told(row: Dispatch) -> dict[str, Any]:
    """What is known of a dispatch, for scripts. Numbers stay masked."""
    references: dict[str, list[str]] = {}
    for reference in row.references.all():
        if reference.kind not in ("number", "target"):
            references.setdefault(reference.kind, []).append(reference.value)
    return {
        "ref": row.ref,
        "state": row.state,
        "action": f"{row.provider}.{row.action}",
        "key": row.key,
        "sentence": row.sentence,
        "attempts": row.attempts,
        "code": row.outcome_code,
        "said": row.said,
        "explanation": row.explanation,
        "advice": row.advice,
        "took_ms": row.took_ms,
        "references": references,
    }
