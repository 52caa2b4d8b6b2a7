"""A worker that begins while the database is away waits for it; one that is set up wrongly ends."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from dashboard.choices import State
from dashboard.models import Person
from dashboard.services import secrets
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import PATIENCE, ROOT, WORKER, database_url, environment, send, states, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
AWAY = "The database cannot be used now"


class Away:
    """The test's database under an address at which nobody is let in until it comes back."""

    def __init__(self, place: Path) -> None:
        self._folder = place / "away"
        if database.vendor == "sqlite":
            self._stored = Path(database.settings_dict["NAME"])
            self.address = f"sqlite:///{self._folder / self._stored.name}"
        else:
            self.address = database_url()
            self._let_in("false")

    def come_back(self) -> None:
        if database.vendor == "sqlite":
            self._folder.symlink_to(self._stored.parent)
        else:
            self._let_in("true")

    def _let_in(self, anybody: str) -> None:
        with database._nodb_cursor() as cursor:  # a database cannot shut itself
            cursor.execute(f'ALTER DATABASE "{database.settings_dict["NAME"]}" ALLOW_CONNECTIONS {anybody}')


@contextmanager
def begun(**changes: Any) -> Iterator[subprocess.Popen[str]]:
    """A worker whose words can be read."""
    with subprocess.Popen([sys.executable, *WORKER], cwd=ROOT, env=environment(**changes), stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_waits_for_a_database_that_is_away_when_it_begins(sandbox: Sandbox, sam: Person, tmp_path: Path) -> None:
    rows = send(factories.sandbox_connection(sandbox, "ccai"), sam, 2)
    away = Away(tmp_path)
    try:
        with begun(DATABASE_URL=away.address) as worker:
            assert worker.stderr
            assert any(AWAY in line for line in worker.stderr)
            away.come_back()
            until(lambda: set(states(rows)) == {State.ACCEPTED}, "the rows")
            worker.send_signal(signal.SIGTERM)
            worker.communicate(timeout=PATIENCE)
            assert worker.returncode == 0
    finally:
        if database.vendor != "sqlite":
            away.come_back()


def test_a_worker_that_waits_for_the_database_stops_when_told() -> None:
    with begun(DATABASE_URL="sqlite:////nowhere/desk.sqlite3") as worker:
        assert worker.stderr
        assert any(AWAY in line for line in worker.stderr)
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=PATIENCE)
        assert worker.returncode == 0


def test_a_worker_whose_journal_cannot_be_made_ends(transactional_db: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with begun(JOURNAL=tmp_path / "file" / "journal") as worker:
        said = worker.communicate(timeout=PATIENCE)[1]
        assert "desk.E004" in said
        assert worker.returncode == 1


def test_a_worker_without_the_key_that_sealed_the_secrets_ends(transactional_db: None) -> None:
    connection = factories.connection("vonage")
    secrets.put(connection=connection, name="client_secret", value="a secret", by="terminal")
    with begun(DESK_KEYS=base64.b64encode(b"o" * 32).decode()) as worker:
        said = worker.communicate(timeout=PATIENCE)[1]
        assert "desk.E008" in said
        assert worker.returncode == 1
