"""Every fault on every provider, against the sandbox over real sockets, with processes that are really killed."""

from __future__ import annotations

import pytest

from tests.faults import cells_processes
from tests.faults.case import Case, Cell, runnable
from tests.faults.checker import assert_clean

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]
PARTS = (cells_processes,)
LEAST_CELLS = 150


@pytest.mark.parametrize(("case", "cell"), [pytest.param(cell, cell, id=cell.name) for cell in runnable()], indirect=["case"])
def test_fault(case: Case, cell: Cell) -> None:
    assert cell.run is not None
    cell.run(case)
    assert_clean(case.box.ledger.effects())
