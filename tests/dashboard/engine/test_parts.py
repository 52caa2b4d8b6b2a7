"""The engine's small parts, each by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from dashboard.choices import NEXT, State
from dashboard.models import AccessToken, Dispatch
from dashboard.services import breaker, failpoints, identity, repeats, secrets
from dashboard.services.journal import SIZE, Journal, abandoned
from dashboard.services.tokens import DatabaseTokenStore
from providers.base import Repeat
from providers.sandbox.server import Sandbox
from providers.types import Answer, Token
from tests import factories
from tests.dashboard.engine.harness import ROOT

ANSWER = Answer(200, (("Content-Type", "application/json"),), b'{"id": 1}\xff', True, 3, 7)


# --- journal ----------------------------------------------------------------------------------------


def left_behind(folder: Path) -> Journal:
    """A journal whose worker is gone: its file stays, its lock does not."""
    journal = Journal("worker/1", folder)
    journal.write("first", ANSWER)
    journal.write("second", ANSWER)
    return journal


def test_an_answer_survives_its_worker(settings: Any) -> None:
    journal = left_behind(settings.JOURNAL)
    assert [path for path, _read in abandoned()] == []
    os.close(journal._file)
    ((_path, read),) = [(path, read()) for path, read in abandoned()]
    assert [(entry.uid, entry.answer) for entry in read] == [("first", ANSWER), ("second", ANSWER)]


def test_a_journal_goes_on_writing_where_the_disk_takes_a_part_at_a_time(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: write(file, data[: 1 + len(data) // 2], at))
    journal = left_behind(settings.JOURNAL)
    os.close(journal._file)
    assert journal.path.stat().st_size == SIZE
    ((_path, entries),) = abandoned()
    assert [entry.uid for entry in entries()] == ["first", "second"]


def test_a_journal_is_sealed(settings: Any) -> None:
    journal = left_behind(settings.JOURNAL)
    assert b"application/json" not in journal.path.read_bytes()


def test_a_torn_record_ends_the_journal(settings: Any) -> None:
    journal = left_behind(settings.JOURNAL)
    second = journal._at // 2
    os.pwrite(journal._file, b"\x00torn", second + 40)
    os.close(journal._file)
    assert [len(read()) for _path, read in abandoned()] == [1]


def test_a_journal_without_open_answers_begins_anew(settings: Any) -> None:
    journal = left_behind(settings.JOURNAL)
    journal.resolve("first")
    journal.resolve("second")
    journal.write("third", ANSWER)
    os.close(journal._file)
    assert [[entry.uid for entry in read()] for _path, read in abandoned()] == [["third"]]


def test_only_what_its_reader_gave_up_is_left_to_the_journal(settings: Any) -> None:
    journal = left_behind(settings.JOURNAL)
    assert journal.unresolved() == []
    journal.leave("second")
    assert [entry.uid for entry in journal.unresolved()] == ["second"]
    journal.resolve("second")
    assert journal.unresolved() == []


def test_a_closed_journal_writes_into_no_other_file(settings: Any, tmp_path: Path) -> None:
    journal = left_behind(settings.JOURNAL)
    journal.close()
    other = tmp_path / "other"
    with other.open("wb"), pytest.raises(OSError, match="Bad file"):
        journal.write("third", ANSWER)
    assert other.read_bytes() == b""


# --- who is who -------------------------------------------------------------------------------------


def test_a_process_knows_who_is_dead() -> None:
    script = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; from dashboard.services.identity import me; print(me())"
    gone = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert identity.surely_dead(gone)
    assert not identity.surely_dead(identity.me())
    assert not identity.surely_dead(gone.replace(gone.split("/")[1], "another-machine"))
    assert not identity.surely_dead("")
    assert len(gone) <= 80


# --- rules ------------------------------------------------------------------------------------------


def row(**columns: Any) -> Dispatch:
    return Dispatch(give_up_at=timezone.now() + timedelta(days=1), **columns)


@pytest.mark.parametrize(
    ("rule", "columns", "state"),
    [
        (Repeat.NEVER, {}, State.IN_DOUBT),
        (Repeat.SAME_ID, {}, State.WAITING),
        (Repeat.SAME_ID, {"unanswered": True, "repeats": 3}, State.WAITING),
        (Repeat.SAME_ID, {"unanswered": True, "repeats": 4}, State.IN_DOUBT),
        (Repeat.SAME_ID, {"unanswered": True, "first_unanswered_at": timezone.now() - timedelta(hours=1)}, State.IN_DOUBT),
        (Repeat.SAME_ID, {"crashes": 3}, State.IN_DOUBT),
        (Repeat.PROBE_NAME, {}, State.WAITING),
        (Repeat.PROBE_NAME, {"unanswered": True, "repeats": 4}, State.IN_DOUBT),
        (Repeat.PROBE_NAME, {"unanswered": True, "first_unanswered_at": timezone.now() - timedelta(hours=1)}, State.WAITING),
        (Repeat.PROBE_NAME, {"unanswered": True, "first_unanswered_at": timezone.now() - timedelta(hours=25)}, State.IN_DOUBT),
    ],
)
def test_what_follows_a_lost_answer(rule: Repeat, columns: dict[str, Any], state: State) -> None:
    now = timezone.now()
    assert repeats.after_doubt(rule, [row(**columns)], now, now).state is state


def test_nothing_is_repeated_after_its_time() -> None:
    late = row()
    now = timezone.now()
    late.give_up_at = now + timedelta(milliseconds=10)
    assert repeats.after_doubt(Repeat.SAME_ID, [late], now, now).state is State.IN_DOUBT
    assert repeats.after_doubt(Repeat.SAME_ID, [row(), late], now, now).state is State.IN_DOUBT


@pytest.mark.parametrize(("rule", "hours", "state"), [(Repeat.SAME_ID, 1, State.IN_DOUBT), (Repeat.PROBE_NAME, 1, State.WAITING)])
def test_the_time_for_repeats_begins_when_the_first_attempt_left(rule: Repeat, hours: int, state: State) -> None:
    now = timezone.now()
    assert repeats.after_doubt(rule, [row()], now, now - timedelta(hours=hours)).state is state


def test_back_off_grows_with_full_jitter(settings: Any) -> None:
    settings.BACK_OFF = (1.0, 100.0)
    assert all(0 <= repeats.back_off(1) <= 1 for _number in range(50))
    assert max(repeats.back_off(9) for _number in range(50)) > 1


def test_the_breaker_waits_longer_each_time(settings: Any) -> None:
    settings.BREAKER_PAUSE, settings.BREAKER_LONGEST = 30.0, 900.0
    assert [breaker.pause(openings) for openings in range(7)] == [30, 60, 120, 240, 480, 900, 900]


def test_finished_states_lead_nowhere() -> None:
    assert all(not NEXT[state] for state in (State.ACCEPTED, State.REJECTED, State.NOT_SENT, State.CANCELLED))
    assert NEXT[State.IN_DOUBT] == {State.ACCEPTED}


def test_every_failpoint_is_passed_somewhere() -> None:
    sources = [*ROOT.glob("dashboard/*.py"), *ROOT.glob("dashboard/services/*.py")]
    used = {name for source in sources for name in re.findall(r'hit\("([a-z.]+)"\)', source.read_text(encoding="utf-8"))}
    assert used == set(failpoints.POINTS)
    assert len(used) >= 25


# --- tokens -----------------------------------------------------------------------------------------

pytestmark = pytest.mark.database


@pytest.mark.django_db(transaction=True)
def test_a_token_is_sealed_shared_and_forgotten_with_its_secrets(sandbox: Sandbox) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    token = Token("a-very-secret-token", 1_000.0, 2_000.0)
    fetched: list[Token] = []

    def fetch() -> Token:
        fetched.append(token)
        return token

    assert DatabaseTokenStore(connection).renew(fetch, refused=None) == token
    assert DatabaseTokenStore(connection).renew(fetch, refused=None) == token
    assert DatabaseTokenStore(connection).read() == token
    assert len(fetched) == 1
    assert b"secret-token" not in bytes(AccessToken.objects.get().sealed or b"")
    secrets.put(connection=connection, name="client_secret", value="new", by="tests")
    assert DatabaseTokenStore(connection).read() is None


@pytest.mark.django_db(transaction=True)
def test_a_failed_renewal_lets_the_next_one_try(sandbox: Sandbox) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")

    def fail() -> Token:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        DatabaseTokenStore(connection).renew(fail, refused=None)
    token = Token("second", 1.0, 2.0)
    assert DatabaseTokenStore(connection).renew(lambda: token, refused=None) == token
