"""A PostgreSQL server for one run of the tests: on a socket in a directory of its own, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from config.setup.trouble import Trouble

ENCODING = ["--encoding=UTF8", *(["--locale=C.UTF-8"] if sys.platform == "linux" else [])]


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Run a server; the address of its database `desk`. Raises Trouble when it does not start."""
    place = Path(tempfile.mkdtemp(prefix="desk-postgres-"))
    owner = _owner()
    shutil.chown(place, owner.pw_uid, owner.pw_gid)
    control = [str(programs / "pg_ctl"), "--pgdata", str(place / "data"), "--wait", "--silent"]
    options = f"-c listen_addresses='' -c unix_socket_directories='{place}' -c max_connections=200"
    make = [str(programs / "initdb"), "--pgdata", str(place / "data"), "--username=desk", "--auth=trust", "--no-sync", *ENCODING]
    try:
        _as(owner, make, place)
        _as(owner, [*control, "--log", str(place / "log"), "--options", options, "start"], place)
        try:
            _as(owner, [str(programs / "createdb"), "--host", str(place), "--username=desk", "desk"], place)
            yield f"postgres://desk@/desk?host={quote(str(place))}"
        finally:
            _as(owner, [*control, "--mode=immediate", "stop"], place)
    finally:
        shutil.rmtree(place)


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
