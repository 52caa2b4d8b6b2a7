"""The emulated VCC, with a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.sandbox.server import Sandbox
from tests.providers.vonage.wire import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Sandbox() as box:
        desk = Desk(box)
        yield desk
        desk.transport.close()
