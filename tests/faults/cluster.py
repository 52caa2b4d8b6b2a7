"""A PostgreSQL server of a test's own, which it can let crash and start again."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from config.setup import postgres, tools
from tests.ports import free_port


class Cluster:
    """The server, in a directory and on a port of its own. Raises Trouble where PostgreSQL is missing."""

    def __init__(self) -> None:
        self._programs, self._owner = tools.ready().postgresql, postgres._owner()
        self._port, self._password = free_port(), secrets.token_urlsafe(24)

    def __enter__(self) -> Self:
        self._place = Path(tempfile.mkdtemp(prefix="desk-crashes-", dir="/tmp"))
        try:
            self._make()
            self.start()
        except BaseException:
            shutil.rmtree(self._place)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.crash()
        shutil.rmtree(self._place)

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgres://desk:{self._password}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start it; after a crash it first replays its log."""
        options = f"-c listen_addresses=127.0.0.1 -c port={self._port} -c unix_socket_directories='{self._place}'"
        self._control(f"--log={self._place / 'log'}", f"--options={options}", "start")

    def crash(self) -> None:
        """Let all its processes abort at once, as they would if they were killed."""
        self._control("--mode=immediate", "stop")

    def _make(self) -> None:
        password = self._place / "password"
        password.write_text(self._password, encoding="ascii")
        for path in (self._place, password):
            shutil.chown(path, self._owner.pw_uid, self._owner.pw_gid)
        access = ["--username=desk", "--auth=scram-sha-256", f"--pwfile={password}"]
        command = [str(self._programs / "initdb"), f"--pgdata={self._place / 'data'}", *access, *postgres.ENCODING]
        postgres._as(self._owner, command, self._place)

    def _control(self, *words: str) -> None:
        command = [str(self._programs / "pg_ctl"), f"--pgdata={self._place / 'data'}", "--wait", "--silent", *words]
        postgres._as(self._owner, command, self._place)
