"""A setting with a wrong value ends the start in one sentence that names it: nothing is guessed, no secret is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.keys import KEY
from tests.architecture.sources import ROOT

WRONG = [
    ("HTTPS", "maybe", "HTTPS must be True or False; it is “maybe”."),
    ("HTTPS", "", "HTTPS must be True or False; it is “”."),
    ("DEBUG", "ja", "DEBUG must be True or False; it is “ja”."),
    ("OUTBOUND_LOOPBACK", "2", "OUTBOUND_LOOPBACK must be True or False; it is “2”."),
    ("CALL_DEADLINE", "soon", "CALL_DEADLINE must be a number from 0.1 on; it is “soon”."),
    ("CALL_DEADLINE", "0", "CALL_DEADLINE must be a number from 0.1 on; it is “0”."),
    ("WORKER_PAUSE", "-1", "WORKER_PAUSE must be a number from 0 on; it is “-1”."),
    ("GIVE_UP_AFTER", "nan", "GIVE_UP_AFTER must be a number from 0 on; it is “nan”."),
    ("GIVE_UP_AFTER", "inf", "GIVE_UP_AFTER must be a number from 0 on; it is “inf”."),
    ("LANE_CHUNK", "0", "LANE_CHUNK must be a whole number from 1 on; it is “0”."),
    ("LANE_CHUNK", "1.5", "LANE_CHUNK must be a whole number from 1 on; it is “1.5”."),
    ("SESSION_IDLE_SECONDS", "-5", "SESSION_IDLE_SECONDS must be a whole number from 1 on; it is “-5”."),
    ("BACK_OFF", "1,x", "BACK_OFF must hold numbers from 0 on with commas between, at least 1; it is “1,x”."),
    ("BACK_OFF", "", "BACK_OFF must hold numbers from 0 on with commas between, at least 1; it is “”."),
    ("REPEAT_WAITS", "5,-1", "REPEAT_WAITS must hold numbers from 0 on with commas between, at least 0; it is “5,-1”."),
    ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL; it is “LOUD”."),
    ("NUMBER_KEY", "ää", "NUMBER_KEY must hold keys in base64."),
    ("DATABASE_URL", "hush", "DATABASE_URL must be like postgres://user:password@host:port/name or sqlite:////path/to/file."),
    ("DATABASE_URL", "mysql://u:hush@h/d", "DATABASE_URL must be like postgres://user:password@host:port/name or sqlite:////path/to/file."),
    (
        "SECRET_KEY",
        "",
        "SECRET_KEY is not set. Set SECRET_KEY, or SECRET_KEY_FILE to the name of a file that holds it."
        " ENV_FILE names /no/such.env, which is not there.",
    ),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG, ids=lambda part: str(part)[:24] or "empty")
def test_a_wrong_value_is_said_in_one_sentence(name: str, value: str, sentence: str) -> None:
    sound = {"SECRET_KEY": "x" * 50, "DESK_KEYS": KEY, "NUMBER_KEY": KEY, "ENV_FILE": "/no/such.env", "PATH": os.environ["PATH"]}
    words = [sys.executable, "manage.py", "showmigrations"]
    done = subprocess.run(words, cwd=ROOT, env=sound | {name: value}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (1, sentence)


def test_a_secret_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    env = {"SECRET_KEY_FILE": str(tmp_path / "key"), "PATH": os.environ["PATH"], "ENV_FILE": "/dev/null"}
    done = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == f"SECRET_KEY_FILE names {tmp_path / 'key'}, which is not text in UTF-8."
