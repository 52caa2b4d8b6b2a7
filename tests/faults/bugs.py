"""The list of bugs that can be planted: each breaks one rule in the process that plants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Patch = Callable[[Any, str, Any], None]
Apply = Callable[[Patch], None]
PLANTS: dict[str, Apply] = {}


def plant(name: str, patch: Patch) -> None:
    """Break a rule in this process; `patch` sets an attribute."""
    PLANTS[name](patch)


def planted(name: str) -> Callable[[Apply], Apply]:
    """Put a bug into the list."""

    def enter(apply: Apply) -> Apply:
        PLANTS[name] = apply
        return apply

    return enter
