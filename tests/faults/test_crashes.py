"""The PostgreSQL server under a sending worker crashes, again and again. SQLite has no server; there this file is not collected."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.dashboard.engine import harness
from tests.faults.cluster import Cluster
from tests.faults.restarting import READY, ROWS

pytestmark = [pytest.mark.database, pytest.mark.faults]
CRASHES = 4
LINE = re.compile(
    rf"rows {3 * ROWS} \(accepted {3 * ROWS}\) \| lost 0 \| doubled 0 \| unexplained 0 \| in doubt 0 \| worker survived",
)


def test_the_database_crashes_while_a_worker_sends(record_property: Callable[[str, object], None]) -> None:
    outer = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE"}
    with Cluster() as cluster:
        command, environment = [sys.executable, "-m", "tests.faults.restarts"], outer | {"DATABASE_URL": cluster.url}
        with subprocess.Popen(command, cwd=harness.ROOT, env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout
            assert run.stdout.readline().strip() == READY
            for _crash in range(CRASHES):
                time.sleep(2.0)
                cluster.crash()
                assert run.poll() is None
                cluster.start()
            said = run.stdout.read().strip()
    assert run.returncode == 0, said
    assert LINE.fullmatch(said), said
    record_property("figure", f"crashes of PostgreSQL {CRASHES} | {said}")
