"""A connection to whose catalogue a test adds."""

from __future__ import annotations

import pytest

from dashboard.models import Connection
from tests import factories


@pytest.fixture
def vcc(db: None) -> Connection:
    return factories.connection("vonage", name="vcc-emea")
