"""Fault F53: a disk that fills up."""

from __future__ import annotations

import errno
import os
import resource
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dashboard.choices import State
from dashboard.models import Dispatch, Invocation, Lane
from dashboard.services import journal as journals
from dashboard.services.form_tokens import read_token
from dashboard.services.journal import Journal
from providers.types import Answer
from tests.client import PageClient
from tests.dashboard.compose.forms import Composer, posted_by
from tests.dashboard.engine import harness
from tests.dashboard.engine.harness import Beside, until
from tests.faults.case import API, DESK, C, Case, fault

FULL = 10**18
"""A limit that no disk meets."""
TOKENS = {"csrfmiddlewaretoken": "", "desk-token": "", "desk-confirmed": ""}
"""What a form carries that nobody entered."""


def nothing_is_claimed(case: Case, **limits: Any) -> None:
    """With these limits a worker takes the lane, twice, and claims nothing; without them the rows go out."""
    rows = case.send(2)
    with Beside(**limits) as worker:
        until(lambda: Lane.objects.get().epoch > 1, "the lane, the second time")
        assert not worker.ended
    assert set(case.states(rows)) == {State.QUEUED}
    assert not Dispatch.objects.filter(claimed_epoch__gt=0).exists()
    assert "disk" in Lane.objects.get().last_error
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}


@fault("F53", "disk nearly full")
def disk_full(case: Case) -> None:
    nothing_is_claimed(case, DISK_LEAST=10**18)


@fault("F53", "disk nearly full for its size")
def disk_full_for_its_size(case: Case) -> None:
    nothing_is_claimed(case, DISK_LEAST_SHARE=1.0)


@fault("F53", "no byte can be written when the answer comes")
def no_byte_more(case: Case) -> None:
    over = case.held_back()
    (row,) = case.send()
    with Beside(CALL_DEADLINE=harness.PATIENCE) as worker:
        until(case.effects, "the effect")
        _limit_files(worker, 0)
        over.set()
        until(lambda: case.box.requests(case.provider, API[case.provider])[0].ended, "the answer")
        time.sleep(0.5)
        assert not worker.ended
        _limit_files(worker, resource.RLIM_INFINITY)
        until(lambda: case.states([row]) == [State.ACCEPTED], "the outcome")
    assert Invocation.objects.count() == 1


def _limit_files(worker: Beside, size: int) -> None:
    """Let no file that the worker writes grow beyond a size: what a full disk does to it, and nobody else."""
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


# --- what people want to be stored ----------------------------------------------------------------


def pressed_send(composer: Composer, data: dict[str, str]) -> Any:
    """Send, and confirm where that is asked for."""
    answer = composer.post(data, intent="send")
    if answer.status_code == 200:
        answer = composer.post(posted_by(composer.page), intent="send")
    return answer


@fault("F53", "a form is sent while the disk is full")
def nothing_new(case: Case) -> None:
    browser = PageClient()
    browser.force_login(case.sam)
    composer = Composer(browser, case.connection)
    data = composer.filled()
    if case.provider == C:
        data["message"] += f" {read_token(data['desk-token'], person=case.sam).ref}"
    case.settings.DISK_LEAST = FULL
    answer = pressed_send(composer, data)
    assert answer.status_code == 507
    assert "nearly full" in composer.page
    kept = posted_by(composer.page)
    assert {**kept, **TOKENS} == {**data, **TOKENS}
    assert not Dispatch.objects.exists()
    still_readable(browser)
    case.settings.DISK_LEAST = 0
    assert pressed_send(composer, kept).status_code == 303
    case.work()
    assert case.effects() == 1


def still_readable(browser: Client) -> None:
    """Everything can be looked at."""
    for address in ("/", "/history/", "/compose/", "/doubts/", "/catalogue/", "/healthz"):
        assert browser.get(address).status_code == 200, address


# --- the journal ----------------------------------------------------------------------------------


@fault("F53", "no byte more for the journal than it took at first", DESK)
def preallocated(case: Case) -> None:
    journal = Journal("worker-1", case.folder / "place")
    blocks = journal.path.stat().st_blocks
    assert blocks * 512 >= journals.SIZE, "The file has a size, but no place on the disk."
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journals.SIZE, limits[1]))
    try:
        journal.write("one", Answer(status=200, headers=(), body=b"x" * 1_000_000, took_ms=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert journal.path.stat().st_blocks == blocks
    journal.resolve("one")
    journal.close()


@fault("F53", "no place for a journal when the worker starts", DESK)
def no_place_for_a_journal(case: Case) -> None:
    def full(file: int, content: bytes, at: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    case.patch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        Journal("worker-1", case.folder / "place")
    assert list(Path(case.folder / "place").iterdir()) == []
