"""Pauses a worker process as a suspended machine would."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

from django.db import connection as database

from tests.dashboard.engine.harness import Beside, until


def pause(worker: Beside) -> None:
    """SIGSTOP, at a moment at which the process holds no lock of the database: so that what is tested is the lease alone."""
    while True:
        os.kill(worker.process.pid, signal.SIGSTOP)
        until(lambda: _stopped(worker), "the stop")
        if lock_is_free():
            return
        os.kill(worker.process.pid, signal.SIGCONT)
        time.sleep(0.01)


def lock_is_free() -> bool:
    """Whether nobody is in the middle of a transaction that writes."""
    if database.vendor != "sqlite":
        return not _open_transactions()
    probe = sqlite3.connect(database.settings_dict["NAME"], timeout=0.2, isolation_level=None)
    try:
        probe.execute("BEGIN IMMEDIATE")
        probe.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        probe.close()
    return True


def _open_transactions() -> bool:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE %s", ["idle in transaction%"]
        )
        return bool(cursor.fetchone()[0])


def _stopped(worker: Beside) -> bool:
    text = Path(f"/proc/{worker.process.pid}/stat").read_text(encoding="utf-8")
    return text.rpartition(")")[2].split()[0] == "T"
