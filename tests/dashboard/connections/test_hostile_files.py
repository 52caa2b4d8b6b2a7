"""Secrets and settings from files that are wrong in unusual ways: refused without showing what they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dashboard.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(tmp_path: Path, *, settings: str | None = None, secrets: str | None = None) -> str:
    """What adding a connection with these files is refused with; nothing may have come of it."""
    (tmp_path / "settings.json").write_text(settings or json.dumps(factories.SETTINGS["vonage"]))
    (tmp_path / "secrets.json").write_text(secrets or '{"client_id": "an id", "client_secret": "hushhush"}')
    files = [f"--settings-file={tmp_path / 'settings.json'}", f"--secrets-file={tmp_path / 'secrets.json'}"]
    with pytest.raises(CommandError) as refused:
        call_command("connections", "add", "vcc", "--provider=vonage", *files)
    assert refused.value.returncode == 64
    assert not Connection.objects.exists()
    assert "hushhush" not in str(refused.value)
    return str(refused.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("secrets", "sentence"),
    [
        ('{"client_id": null, "client_secret": true}', "secrets.json: client_id, client_secret must be text in quotes."),
        ('{"client_id": "x", "client_secret": 12345}', "secrets.json: client_secret must be text in quotes."),
        ('{"client_id": "x", "client_secret": ["hushhush"]}', "secrets.json: client_secret must be text in quotes."),
        ('{"client_id": "x", "client_id": "y", "client_secret": "hushhush"}', "secrets.json holds a name twice, or a number that is none."),
        ("[" * 100_000, "secrets.json holds a name twice, or a number that is none."),
        ('{"client_secret": "hushhush"', "secrets.json is not JSON."),
    ],
)
def test_only_texts_become_secrets(tmp_path: Path, secrets: str, sentence: str) -> None:
    assert refusal(tmp_path, secrets=secrets) == sentence


def test_only_texts_become_settings(tmp_path: Path) -> None:
    assert refusal(tmp_path, settings='{"region": ["emea"]}') == "settings.json: region must be text in quotes."


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("\ufeff" + json.dumps(factories.SETTINGS["vonage"]), encoding="utf-8")
    call_command("connections", "add", "vcc", "--provider=vonage", f"--settings-file={tmp_path / 'settings.json'}")
    assert Connection.objects.get().name == "vcc"


def test_a_choice_that_is_none_names_those_that_are(tmp_path: Path) -> None:
    assert refusal(tmp_path, settings='{"region": "moon"}') == (
        "region: Select a valid choice. moon is not one of the available choices. Allowed: emea, nam, apac, custom."
    )
