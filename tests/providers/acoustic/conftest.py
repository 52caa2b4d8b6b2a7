"""The line to the sandbox's Acoustic Campaign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.sandbox.server import Sandbox
from tests.providers.lines import Line


@pytest.fixture
def line() -> Iterator[Line]:
    with Sandbox() as box:
        made = Line(box, "acoustic")
        yield made
        made.close()
