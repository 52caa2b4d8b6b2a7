"""Who this process is, in a name that tells another process on the same machine whether it is gone."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@cache
def _own(pid: int) -> str:
    return f"{socket.gethostname()[:24]}/{_space()}/{pid}.{_started(pid)}/{secrets.token_hex(3)}"


def me() -> str:
    """The name of this process: host, process space, process and its start, and a random part. At most 80 characters."""
    return _own(os.getpid())


def surely_dead(holder: str) -> bool:
    """Whether the process of that name ran in this machine's process space and has ended. False when that cannot be known."""
    parts = holder.split("/")
    if len(parts) != 4 or not _space() or parts[1] != _space():
        return False
    pid, _dot, started = parts[2].partition(".")
    return pid.isdigit() and bool(started) and _started(int(pid)) != started


def _space() -> str:
    """A short name of this boot and process space; empty where the system does not tell."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        return f"{boot}-{os.stat(PROC / 'self/ns/pid').st_ino}"  # noqa: PTH116
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty when there is none, or only its remains."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]
