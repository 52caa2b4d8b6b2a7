"""Settings: every secret can come from a file, what is missing is said in a sentence, and the documented names exist."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import keys, secret, secret_list
from tests.architecture.keys import KEY, OTHER
from tests.architecture.sources import ROOT

SECRETS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DESK_KEYS", "NUMBER_KEY", "DATABASE_URL")
SHOW = """
import json
from config import settings as s
print(json.dumps({
    "SECRET_KEY": s.SECRET_KEY, "SECRET_KEY_FALLBACKS": s.SECRET_KEY_FALLBACKS, "DESK_KEYS": [key.decode() for key in s.DESK_KEYS],
    "NUMBER_KEY": s.NUMBER_KEY.decode(), "PASSWORD": s.DATABASE["PASSWORD"], "HTTPS": s.HTTPS, "DEBUG": s.DEBUG,
    "LOOPBACK": s.OUTBOUND_LOOPBACK, "OPTIONS": s.DATABASE["OPTIONS"],
}))
"""


def load(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The settings under exactly that environment."""
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "none.env")}
    return subprocess.run([sys.executable, "-c", SHOW], cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False)


def test_every_secret_can_come_from_a_file(tmp_path: Path) -> None:
    values = {
        "SECRET_KEY": "from a file",
        "SECRET_KEY_FALLBACKS": "older, oldest",
        "DESK_KEYS": f"{KEY},{OTHER}",
        "NUMBER_KEY": OTHER,
        "DATABASE_URL": "postgres://desk:its-password@127.0.0.1/desk",
    }
    assert values.keys() == set(SECRETS)
    for name, value in values.items():
        (tmp_path / name).write_text(f"{value}\n")
    done = load(tmp_path, **{f"{name}_FILE": str(tmp_path / name) for name in values})
    shown = json.loads(done.stdout)
    assert shown["SECRET_KEY"] == "from a file"
    assert shown["SECRET_KEY_FALLBACKS"] == ["older", "oldest"]
    assert shown["DESK_KEYS"] == ["k" * 32, "o" * 32]
    assert shown["NUMBER_KEY"] == "o" * 32
    assert shown["PASSWORD"] == "its-password"
    assert "-c synchronous_commit=on" in shown["OPTIONS"]["options"]


def test_what_is_not_said_is_the_safe_choice(tmp_path: Path) -> None:
    shown = json.loads(load(tmp_path, SECRET_KEY="x" * 50, DESK_KEYS=KEY, NUMBER_KEY=KEY).stdout)
    assert (shown["DEBUG"], shown["HTTPS"], shown["LOOPBACK"], shown["SECRET_KEY_FALLBACKS"]) == (False, True, False, [])
    assert shown["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in shown["OPTIONS"]["init_command"]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    done = load(tmp_path, SECRET_KEY="x" * 50, NUMBER_KEY=KEY)
    assert (
        "ImproperlyConfigured: DESK_KEYS is not set. Set DESK_KEYS, or DESK_KEYS_FILE to the name of a file that holds it." in done.stderr
    )


def test_the_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file")
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    assert secret("SECRET_KEY") == "from the environment"
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert secret("SECRET_KEY") == "from the file"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", "/no/such/file")
    with pytest.raises(
        ImproperlyConfigured, match=r"^SECRET_KEY_FILE names /no/such/file, which cannot be read: No such file or directory\.$"
    ):
        secret("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FALLBACKS_FILE", "/no/such/file")
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY_FALLBACKS_FILE names"):
        secret_list("SECRET_KEY_FALLBACKS")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("not base64!", "DESK_KEYS must hold keys in base64."),
        (base64.b64encode(b"short").decode(), "DESK_KEYS must hold keys of 32 bytes; one has 5."),
        (f"{KEY},{base64.b64encode(b'x' * 33).decode()}", "DESK_KEYS must hold keys of 32 bytes; one has 33."),
        (" , ", "DESK_KEYS holds no key."),
    ],
)
def test_a_wrong_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, value: str, sentence: str) -> None:
    monkeypatch.setenv("DESK_KEYS", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        keys("DESK_KEYS")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("name", ["config/production.env", "config/setup/keys.py"])
def test_every_name_that_is_written_for_people_is_a_setting(name: str) -> None:
    written = re.findall(r"^([A-Z_]+)=", (ROOT / name).read_text(), re.MULTILINE)
    settings = (ROOT / "config" / "settings.py").read_text()
    assert written
    assert [each for each in written if f'"{each.removesuffix("_FILE")}"' not in settings] == []


def test_every_key_that_can_be_a_file_is_one_in_the_production_example() -> None:
    text = (ROOT / "config" / "production.env").read_text()
    assert [name for name in SECRETS if name != "SECRET_KEY_FALLBACKS" and f"\n{name}_FILE=" not in text] == []
