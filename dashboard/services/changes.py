"""What differs between two states of a row: in words for the audit trail, and as a version that tells whether somebody was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from dashboard.models import AuditEvent
from dashboard.services import audit
from dashboard.services.refusals import Refused

LONGEST = 120
"""Characters of one value that are shown."""


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names under which the two states differ, in the order of their first appearance."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def in_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Like "environment: test → production; country: none → GB". Only for states that hold nothing secret or personal."""
    shown = [f"{name}: {_shown(before.get(name))} → {_shown(after.get(name))}" for name in differing(before, after)]
    return "; ".join(shown)


def _shown(value: Any) -> str:
    if value in (None, ""):
        return _("none")
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def version_of(state: Mapping[str, Any]) -> str:
    """A short digest of a state. A form carries the one that it was opened with."""
    return audit.digest(state)[:16]


def refuse_overtaken(row: Model, state: Mapping[str, Any], opened: str) -> None:
    """Refuse a change by a form that was opened on another state of the row, naming what changed meanwhile; empty names none."""
    if not opened or version_of(state) == opened:
        return
    events = AuditEvent.objects.filter(object_type=type(row).__name__.lower(), object_id=str(row.pk)).order_by("-id")
    last = events.first()
    who, what = (last.actor_name, last.detail.get("changes", "")) if last else ("", "")
    text = _("%(who)s changed this while you had it open%(what)s. Nothing of yours is saved yet: save again to put it in its place.")
    raise Refused(text % {"who": who or _("Somebody"), "what": f" ({what})" if what else ""})
