"""`manage.py compose --send --wait` as a process, with a worker beside it and the vendors' sandbox: every exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Connection, Person
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.compose.forms import FILLED
from tests.dashboard.engine.harness import PATIENCE, ROOT, UNHURRIED, Beside, database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
WAIT = str(PATIENCE)


@pytest.fixture
def worker(settings: Any, tmp_path: Path, transactional_db: None) -> Iterator[Beside]:
    """A worker process with short waits."""
    for name, value in UNHURRIED.items():
        setattr(settings, name, value)
    settings.JOURNAL = tmp_path / "journal"
    with Beside() as process:
        yield process


def compose(*words: str, fields: Any, give_up_after: float = PATIENCE) -> tuple[int, Any, str]:
    """Exit code, printed JSON and what stands on standard error."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "TERMINAL_GIVE_UP_AFTER": str(give_up_after)}
    command = [sys.executable, "manage.py", "compose", *words, "--fields", "-", "--send", "--by", "sam"]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(fields), capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else None, ran.stderr


@pytest.mark.parametrize(("provider", "action"), [("vonage", "route"), ("acoustic", "send"), ("ccai", "text")])
def test_accepted_is_0(provider: str, action: str, sandbox: Sandbox, sam: Person, worker: Beside) -> None:
    factories.sandbox_connection(sandbox, provider, name="account")
    code, said, _err = compose(f"{provider}.{action}", "--connection", "account", "--wait", fields=FILLED[provider])
    assert (code, said["outcome"]) == (0, "accepted")
    assert said["dispatches"][0]["attempts"] == 1
    assert len(sandbox.ledger.effects(provider)) == 1


def test_the_other_outcomes(sandbox: Sandbox, sam: Person, worker: Beside) -> None:
    vcc = factories.sandbox_connection(sandbox, "vonage", name="vcc")
    factories.item(vcc, "route", "Unknown to the vendor")
    code, said, _err = compose("route", "--connection", "vcc", "--wait", WAIT, fields={"route": "Unknown to the vendor"})
    assert (code, said["outcome"]) == (1, "rejected")

    factories.sandbox_connection(sandbox, "ccai", name="care")
    sandbox.faults.add(Fault(Kind.CLOSE, vendor="ccai", effect=True))
    code, said, _err = compose("text", "--connection", "care", "--wait", WAIT, fields=FILLED["ccai"])
    assert (code, said["outcome"]) == (2, "in_doubt")
    assert said["dispatches"][0]["advice"]

    Connection.objects.filter(pk=vcc.pk).update(settings=factories.SETTINGS["vonage"])
    code, said, _err = compose("route", "--connection", "vcc", "--wait", WAIT, fields=FILLED["vonage"], give_up_after=1)
    assert (code, said["outcome"]) == (1, "not_sent")


def test_still_under_way_is_75_and_invalid_is_64(sandbox: Sandbox, sam: Person, transactional_db: None) -> None:
    factories.sandbox_connection(sandbox, "vonage", name="vcc")
    code, said, _err = compose("route", "--connection", "vcc", "--wait", "0.2", fields=FILLED["vonage"])
    assert (code, said["outcome"]) == (75, "queued")
    code, said, err = compose("route", "--connection", "vcc", "--wait", "soon", fields=FILLED["vonage"])
    assert (code, said) == (64, None)
    assert "“soon” is not a time in seconds" in err
    code, said, err = compose("route", "--connection", "vcc", fields={})
    assert (code, said) == (64, None)
    assert "route: Choose the named route." in err
    assert "Traceback" not in err
