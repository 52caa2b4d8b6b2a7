"""Says in words what differs between two states of a row, for the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

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
