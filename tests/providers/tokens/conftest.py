"""A token server on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.providers.servers import Server
from tests.providers.tokens.asking import TokenServer


@pytest.fixture
def tokens() -> TokenServer:
    return TokenServer()


@pytest.fixture
def server(tokens: TokenServer) -> Iterator[Server]:
    with Server(tokens.act) as server:
        yield server
