"""`make run`: from a fresh clone to a desk that answers, in the foreground."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from types import FrameType

from config.setup import keys, ports, venv
from config.setup.commands import manage, say
from config.setup.places import ENV_FILE, LOGS, PYTHON, REQUIREMENTS, ROOT, VAR
from config.setup.trouble import Trouble

PATIENCE = 60.0
"""Seconds in which the desk must answer."""


def run() -> int:
    """Set up what is missing, start web server, worker and sandbox, and stay until asked to stop; raises Trouble."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    port = ports.web()
    venv.ready(REQUIREMENTS)
    if not ENV_FILE.exists():
        keys.make(ports.for_new_sandbox())
    ENV_FILE.chmod(0o600)
    sandbox_port = ports.sandbox(keys.settings())
    sign_ins = _prepare()
    os.environ |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}
    return _Desk(f"http://127.0.0.1:{port}").serve(sign_ins)


def _prepare() -> str:
    """Bring database, sample data and static files up to date; the sign-ins in words."""
    say("Preparing the database …")
    manage("migrate", "--no-input", "--verbosity=0", trouble="The database could not be prepared")
    sign_ins = manage("sample_data", trouble="The sample data could not be written")
    _collect_static_files()
    return sign_ins


def _collect_static_files() -> None:
    """Collect and compress them, unless they are those of the last time."""
    stamp = VAR / "static.stamp"
    sources = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    content = hashlib.sha256(venv.digest(REQUIREMENTS).encode())
    for path in sources:
        content.update(f"{path}\0".encode() + path.read_bytes())
    collected = (VAR / "static").is_dir() and stamp.exists() and stamp.read_text(encoding="ascii") == content.hexdigest()
    if not collected:
        manage("collectstatic", "--no-input", "--clear", "--verbosity=0", trouble="The static files could not be collected")
        stamp.write_text(content.hexdigest(), encoding="ascii")


class _Desk:
    """The process manager with everything under it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._asked_to_stop = False
        # Root is named because the process manager warns of running as root unless that is said.
        as_root = ["--user=root"] if os.getuid() == 0 else []
        manager = ("-m", "supervisor.supervisord", "--nodaemon", "--configuration=config/supervisord.conf")
        self._process = subprocess.Popen([PYTHON, *manager, *as_root], cwd=ROOT)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True
        self._process.terminate()

    def serve(self, sign_ins: str) -> int:
        """Say where the desk is once it answers, and wait for its end; the exit status."""
        if self._wait_until_it_answers():
            say(f"\nDispatch Desk is at {self._address}\n\n{sign_ins}\nThe logs are in {LOGS.relative_to(ROOT)}/. Ctrl-C stops everything.")
        status = self._process.wait()
        if not self._asked_to_stop:
            raise Trouble(f"The process manager ended by itself with status {status}; what it said stands above.")
        say("Stopped.")
        return 0

    def _wait_until_it_answers(self) -> bool:
        until = time.monotonic() + PATIENCE
        while not self._asked_to_stop and self._process.poll() is None:
            if _answers(f"{self._address}/healthz"):
                return True
            if time.monotonic() > until:
                self._process.terminate()
                self._process.wait()
                raise Trouble(f"The desk did not answer within {PATIENCE:.0f} seconds; {LOGS.relative_to(ROOT)}/web.log says why.")
            time.sleep(0.1)
        return False


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
