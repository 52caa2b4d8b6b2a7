"""Constants written into a statement instead of being passed beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Expression


class Literal(Expression):
    """A word of ours as an SQL literal: SQLite uses a partial index only when it can read the value in the statement."""

    def __init__(self, word: str) -> None:
        super().__init__(output_field=CharField())
        if not word.replace("_", "").isalpha():
            raise ValueError("Only words of our own are written into statements.")
        self.word = str(word)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The quoted word, without parameters."""
        return f"'{self.word}'", ()
