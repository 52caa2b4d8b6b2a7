"""The whole table: every part that enters cells into it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults import (
    cells_access,
    cells_answers,
    cells_backups,
    cells_disk,
    cells_inputs,
    cells_network,
    cells_processes,
    cells_resources,
)
from tests.faults.case import ALL, DESK, TABLE, Cell

__all__ = ["PARTS", "TABLE", "runnable"]
PARTS = (cells_processes, cells_backups, cells_network, cells_answers, cells_access, cells_resources, cells_disk, cells_inputs)
COLUMNS = (*ALL, *DESK)


def runnable() -> Iterator[Cell]:
    """The cells that are tested, in the order of the list of faults."""
    yield from sorted((cell for cell in TABLE if cell.run), key=lambda cell: (cell.fault, cell.title, COLUMNS.index(cell.provider)))
