"""Lets assertions inside the shared contract suite say what they compared, and a test set the clock of exchanges."""

import pytest

from tests.providers.clock import Clock

pytest.register_assert_rewrite("tests.providers.contract")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the exchanges in this test."""
    return Clock(monkeypatch)
