"""Every fault on every provider, against the sandbox over real sockets, with processes that are really killed."""

from __future__ import annotations

import pytest

from tests.faults.case import Case, Cell
from tests.faults.checker import assert_clean
from tests.faults.table import TABLE, runnable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]
LEAST_CELLS = 150


@pytest.mark.parametrize(("case", "cell"), [pytest.param(cell, cell, id=cell.name) for cell in runnable()], indirect=["case"])
def test_fault(case: Case, cell: Cell) -> None:
    assert cell.run is not None
    cell.run(case)
    assert_clean(case.box.ledger.effects())


def test_the_table_is_large_enough_and_gives_reasons() -> None:
    assert sum(cell.run is not None for cell in TABLE) >= LEAST_CELLS
    assert all(cell.run or cell.later for cell in TABLE)
    names = [cell.name for cell in TABLE]
    assert len(names) == len(set(names))
