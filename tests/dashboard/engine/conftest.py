"""Fixtures of the engine's tests: short waits, long deadlines, a journal of their own, a connection for each provider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Connection
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import PROVIDERS, UNHURRIED


@pytest.fixture(autouse=True)
def _unhurried(settings: Any, tmp_path: Path) -> None:
    for name, value in UNHURRIED.items():
        setattr(settings, name, value)
    settings.JOURNAL = tmp_path / "journal"


@pytest.fixture(params=PROVIDERS)
def connection(request: pytest.FixtureRequest, transactional_db: None, sandbox: Sandbox) -> Connection:
    """A connection to the sandbox, once for each provider."""
    return factories.sandbox_connection(sandbox, request.param)
