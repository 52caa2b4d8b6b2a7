"""`manage.py connections`: the checks and records of the screens, exit codes, and no secret from an argument."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections as databases

from dashboard.choices import ErrandState
from dashboard.management.commands.connections import Command
from dashboard.models import AuditEvent, Connection, Errand
from dashboard.services import connections, errands, secrets
from providers.registry import PROVIDERS
from tests import factories

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("connections", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str, code: int = 64) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == code
    return str(caught.value)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "settings.json").write_text(json.dumps(factories.SETTINGS["vonage"]))
    (tmp_path / "secrets.json").write_text(json.dumps({"client_id": "an id", "client_secret": "a secret"}))
    return tmp_path


def adding(files: Path, *more: str, name: str = "vcc-emea") -> list[str]:
    return ["add", name, "--provider=vonage", f"--settings-file={files / 'settings.json'}", *more]


def test_adding_with_the_forms_defaults(files: Path) -> None:
    assert run(*adding(files, f"--secrets-file={files / 'secrets.json'}")) == "vcc-emea was added.\n"
    made = Connection.objects.get()
    limits = PROVIDERS["vonage"].limits
    assert (made.environment, made.country, made.undo_seconds) == ("test", "", 0)
    assert (made.lane.in_flight_limit, made.lane.calls, made.lane.per_seconds) == (limits.in_flight, limits.calls, limits.per_seconds)
    assert secrets.read(connection=made)["client_secret"] == "a secret"
    assert set(AuditEvent.objects.values_list("actor_name", flat=True)) == {"terminal"}


def test_adding_with_everything_said(files: Path) -> None:
    run(*adding(files, "--environment=production", "--country=GB", "--undo-seconds=5", "--in-flight=3", "--calls=10", "--per-seconds=2"))
    made = Connection.objects.get()
    assert (made.environment, made.country, made.undo_seconds) == ("production", "GB", 5)
    assert (made.lane.in_flight_limit, made.lane.calls, made.lane.per_seconds) == (3, 10, 2)


def test_secrets_come_from_standard_input(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO('{"client_id": "typed", "client_secret": "too"}'))
    run(*adding(files, "--secrets-file=-"))
    assert secrets.read(connection=Connection.objects.get())["client_secret"] == "too"


@pytest.mark.parametrize("verb", ["add", "test", "resume"])
def test_no_argument_takes_a_secret(verb: str) -> None:
    parser = Command().create_parser("manage.py", "connections")
    verbs: Any = next(action for action in parser._actions if action.dest == "verb")
    options = {option for action in verbs.choices[verb]._actions for option in action.option_strings}
    assert not {option for option in options if "secret" in option or "token" in option or "password" in option} - {"--secrets-file"}


BAD = [
    (["--environment=staging"], "environment: Select a valid choice"),
    (["--country=GBR"], "country: Select a valid choice"),
    (["--undo-seconds=121"], "undo_seconds: At most 120."),
    (["--in-flight=0"], "in_flight: At least 1."),
    (["--in-flight=many"], "in_flight: Enter a whole number"),
    (["--secrets-file=no-such.json"], "no-such.json cannot be read"),
]


@pytest.mark.parametrize(("more", "text"), BAD)
def test_bad_input_is_said_and_nothing_is_added(files: Path, more: list[str], text: str) -> None:
    assert text in refusal(*adding(files, *more))
    assert not Connection.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold one JSON object"),
        ('{"regoin": "emea"}', "--settings-file: unknown regoin. Known are region, api_url, token_url."),
        ("{}", "region: This field is required."),
        (
            '{"region": "custom", "api_url": "https://evil.example.com", "token_url": "https://emea.cc.vonage.com/x"}',
            "api_url: The host evil.example.com is not one",
        ),
    ],
)
def test_bad_settings_are_said_and_nothing_is_added(files: Path, content: str, text: str) -> None:
    (files / "settings.json").write_text(content)
    assert text in refusal(*adding(files))
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('{"client_sekret": "x"}', "--secrets-file: unknown client_sekret. Known are client_id, client_secret."),
        ("{}", "client_id: This field is required.\nclient_secret: This field is required."),
        (r'{"client_id": "a\nb"}', "client_id: This has a line break"),
    ],
)
def test_bad_secrets_undo_the_whole(files: Path, content: str, text: str) -> None:
    (files / "secrets.json").write_text(content)
    assert text in refusal(*adding(files, f"--secrets-file={files / 'secrets.json'}"))
    assert not Connection.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_taken_name_is_said(files: Path) -> None:
    run(*adding(files))
    assert "“VCC-EMEA” already" in refusal(*adding(files, name="VCC-EMEA"))


def test_the_list_is_for_people_and_for_machines(files: Path) -> None:
    run(*adding(files))
    assert "vcc-emea\tvonage\ttest\tNo credentials" in run("list")
    (row,) = json.loads(run("list", "--json"))
    assert (row["name"], row["health"], row["waiting"], row["secrets_age_days"]) == ("vcc-emea", "No credentials", 0, None)


def test_pausing_and_resuming(files: Path) -> None:
    run(*adding(files))
    assert "at most 500" in refusal("pause", "vcc-emea", f"--reason={'x' * 501}")
    assert "required" in refusal("pause", "vcc-emea", "--reason=")
    assert run("pause", "vcc-emea", "--reason=Maintenance") == "vcc-emea is paused.\n"
    assert Connection.objects.get().paused_by == "terminal"
    assert run("resume", "vcc-emea") == "vcc-emea sends again.\n"
    assert run("resume", "vcc-emea") == "vcc-emea was not paused.\n"


@pytest.mark.parametrize("verb", [["resume"], ["pause", "--reason=x"], ["test"]])
def test_unknown_and_archived_connections_are_said(files: Path, verb: list[str]) -> None:
    connections.archive(connection=factories.connection("vonage", name="vcc-old"), by="ada")
    run(*adding(files))
    for name in ("no-such", "vcc-old"):
        assert f"There is no connection “{name}” in use. There are: vcc-emea." in refusal(verb[0], name, *verb[1:])


# --- testing --------------------------------------------------------------------------------------


def answer_when_asked(state: ErrandState, said: str) -> threading.Thread:
    """A worker that answers the first errand so."""

    def work() -> None:
        while not Errand.objects.filter(state=ErrandState.ASKED).update(state=state, said=said):
            threading.Event().wait(0.02)
        databases.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("state", "code"), [(ErrandState.DONE, 0), (ErrandState.FAILED, 1)])
def test_waiting_for_the_answer(state: ErrandState, code: int) -> None:
    factories.connection("vonage", name="vcc-emea")
    worker = answer_when_asked(state, "In our words.")
    found = refusal("test", "vcc-emea", "--wait=300", code=1) if code else run("test", "vcc-emea", "--wait=300").strip()
    worker.join()
    assert found == "In our words."


def test_no_answer_in_time(files: Path) -> None:
    run(*adding(files))
    assert "Is a worker running?" in refusal("test", "vcc-emea", "--wait=0.1", code=75)
    assert "Asked" in run("test", "vcc-emea")
    assert Errand.objects.get().what == errands.TEST


@pytest.mark.parametrize("word", ["soon", "nan", "inf", "-1"])
def test_a_wait_that_is_no_time_is_refused(files: Path, word: str) -> None:
    run(*adding(files))
    assert f"“{word}” is not a time in seconds" in refusal("test", "vcc-emea", "--wait", word)
    assert not Errand.objects.exists()


# --- as a process ---------------------------------------------------------------------------------


def test_exit_codes_and_messages_of_the_process(files: Path, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'desk.sqlite3'}"}

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "manage.py", *arguments], env=environment, capture_output=True, text=True, check=False)

    assert manage("migrate", "-v0").returncode == 0
    added = manage("connections", *adding(files, f"--secrets-file={files / 'secrets.json'}"))
    assert (added.returncode, added.stdout) == (0, "vcc-emea was added.\n"), added.stderr
    bad = manage("connections", *adding(files, "--country=XX", name="vcc-two"))
    assert (bad.returncode, "country: Select a valid choice" in bad.stderr, "Traceback" in bad.stderr) == (64, True, False)
    assert manage("rotate_keys").stdout == "0 values were sealed again under the current key.\n"
