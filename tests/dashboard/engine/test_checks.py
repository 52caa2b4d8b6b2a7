"""The checks that refuse to start on settings that could lose a mark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection as database

from dashboard import checks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def ids(**options: Any) -> set[str | None]:
    return {message.id for message in run_checks(databases=["default"], **options)}


def test_the_settings_as_they_are_pass() -> None:
    assert not {entry for entry in ids() if entry and entry.startswith("desk.")}


def test_a_database_that_may_lose_commits_is_refused() -> None:
    statement = "PRAGMA synchronous=NORMAL" if database.vendor == "sqlite" else "SET synchronous_commit=off"
    with database.cursor() as cursor:
        cursor.execute(statement)
    try:
        assert "desk.E001" in ids()
    finally:
        database.close()


def test_late_transactions_are_refused_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    database.ensure_connection()
    monkeypatch.setitem(database.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    assert ("desk.E002" in ids()) == (database.vendor == "sqlite")


def test_a_journal_that_cannot_be_made_is_refused(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.JOURNAL = tmp_path / "file" / "journal"
    assert [message.id for message in checks.journal()] == ["desk.E004"]


def test_loopback_is_refused_for_production(settings: Any) -> None:
    settings.OUTBOUND_LOOPBACK = True
    assert "desk.E005" in ids(include_deployment_checks=True)
    settings.OUTBOUND_LOOPBACK = False
    assert "desk.E005" not in ids(include_deployment_checks=True)
