"""A copy of the project, and a port that is taken."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as far as the set-up itself goes."""
    place = tmp_path / "a copy"
    place.mkdir()
    for name in ("Makefile", "requirements.txt", "manage.py"):
        shutil.copy(ROOT / name, place)
    shutil.copytree(ROOT / "config", place / "config", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "requirements.txt", place / "tests")
    return place


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
