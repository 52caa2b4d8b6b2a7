"""Transports with much and little time, certificates, and a listener that nothing may reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers import http
from providers.http import Transport
from tests.providers.clock import ALLOWED
from tests.providers.servers import Certificates, Server, answer, replying
from tests.providers.transport.exchanges import LOOPBACK


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are kept however long a machine needs until the next exchange."""
    monkeypatch.setattr(http, "KEEP_ALIVE", 600.0)


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport with time enough for a busy machine."""
    transport = Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1_000_000)
    yield transport
    transport.close()


@pytest.fixture
def hasty() -> Iterator[Transport]:
    """A transport for servers that never finish, where it does not matter how far an exchange comes in its time."""
    transport = Transport(LOOPBACK, deadline=0.4, answer_limit=1_000_000)
    yield transport
    transport.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusting(certificates: Certificates) -> Iterator[Transport]:
    transport = Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1000, authorities=certificates.authority)
    yield transport
    transport.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Server]:
    """A listener that nothing may ever reach."""
    with Server(replying(answer(b"reached"))) as server:
        yield server
