"""A sandbox that serves the tests' vendor, and a caller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.sandbox.server import Sandbox
from tests.providers.sandbox.calling import Client, toy


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(parts={"toy": toy}) as running:
        yield running


@pytest.fixture
def client(box: Sandbox) -> Iterator[Client]:
    client = Client(box)
    yield client
    client.connection.close()
