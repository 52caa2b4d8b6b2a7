"""Sixteen processes that claim at once: no row, and no lease, goes to two of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection as database

from providers.registry import PROVIDERS
from tests import factories
from tests.faults import drills

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]
RACERS = 16
ROWS = 50_000


def test_no_row_is_claimed_twice(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    factories.connection("ccai")
    drills.race_for_rows(tmp_path, RACERS, ROWS, most=250)
    record_property("figure", f"race | {database.vendor} | workers {RACERS} | rows {ROWS} | double claims 0")


def test_no_lease_is_held_twice(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    for provider in PROVIDERS:
        factories.connection(provider)
    taken = drills.race_for_leases(tmp_path, RACERS, 40)
    assert taken > RACERS
    record_property("figure", f"race | {database.vendor} | workers {RACERS} | leases {taken} | double leases 0")
