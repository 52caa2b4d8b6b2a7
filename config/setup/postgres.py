"""A PostgreSQL server for one run of the tests: on a loopback port and in a directory of its own, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.setup.trouble import Trouble

ENCODING = ["--encoding=UTF8", *(["--locale=C.UTF-8"] if sys.platform == "linux" else [])]


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Run a server; the address of its database `postgres`, with the password of this run. Raises Trouble when it does not start."""
    owner, password = _owner(), secrets.token_urlsafe(24)
    # Somebody else's server must be able to reach its directory: ours may be closed to them.
    place = Path(tempfile.mkdtemp(prefix="desk-postgres-", dir=None if owner.pw_uid == os.getuid() else "/tmp"))  # noqa: S108
    (place / "password").write_text(password, encoding="ascii")
    for path in (place, place / "password"):
        shutil.chown(path, owner.pw_uid, owner.pw_gid)
    access = ["--username=desk", "--auth=scram-sha-256", f"--pwfile={place / 'password'}"]
    control = [str(programs / "pg_ctl"), f"--pgdata={place / 'data'}", "--wait", "--silent"]
    try:
        _as(owner, [str(programs / "initdb"), f"--pgdata={place / 'data'}", "--no-sync", *access, *ENCODING], place)
        with _free_port() as port:
            options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{place}' -c max_connections=200"
            _as(owner, [*control, f"--log={place / 'log'}", f"--options={options}", "start"], place)
            try:
                yield f"postgres://desk:{password}@127.0.0.1:{port}/postgres"
            finally:
                _as(owner, [*control, "--mode=immediate", "stop"], place)
    finally:
        shutil.rmtree(place)


@contextmanager
def _free_port() -> Iterator[int]:
    """A port that is given to nobody else, before the server has begun to listen on it either: a socket holds it, beside which it can."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port


def _owner() -> pwd.struct_passwd:
    """Who runs the server, which refuses to be run by root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as(owner: pwd.struct_passwd, command: Sequence[str], place: Path) -> None:
    groups: list[str | int] | None = [] if os.getuid() == 0 else None
    with (place / "said").open("a+") as said:
        done = subprocess.run(
            command, cwd=place, stdout=said, stderr=said, check=False, user=owner.pw_uid, group=owner.pw_gid, extra_groups=groups
        )
        if done.returncode:
            said.seek(0)
            raise Trouble(f"The PostgreSQL server for the tests did not do “{Path(command[0]).name}”: {said.read().strip()}")
