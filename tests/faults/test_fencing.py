"""A worker that lost its lane sends nothing more, whatever it was about to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F

from dashboard.choices import State
from dashboard.models import Dispatch, Lane, Person
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import Beside, send, until
from tests.faults.case import API

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.faults]


def test_no_replay_after_a_401_once_the_lane_is_lost(quick: Any, sandbox: Sandbox, sam: Person) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage")
    sandbox.faults.add(Fault(Kind.ANSWER, vendor="vonage", path=API["vonage"], status=401))
    (row,) = send(connection, sam)
    with Beside(fail_at="settle.signalled:1:sleep=3") as worker:
        until(lambda: sandbox.requests("vonage", API["vonage"]) and row.tries.exclude(state="open").exists(), "the refusal")
        Lane.objects.update(holder="somebody else", epoch=F("epoch") + 1)
        Dispatch.objects.update(state=State.QUEUED)
        assert worker.stop() == 0
    assert len(sandbox.requests("vonage", API["vonage"])) == 1
