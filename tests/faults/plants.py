"""Bugs that are planted to see whether the tests see them: each breaks one rule of the engine."""

from __future__ import annotations

from collections.abc import Callable

Patch = Callable[[object, str, object], None]
PLANTS: dict[str, Callable[[Patch], None]] = {}


def plant(name: str, patch: Patch) -> None:
    """Break a rule in this process; `patch` sets an attribute."""
    PLANTS[name](patch)
