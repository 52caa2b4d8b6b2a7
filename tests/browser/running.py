"""The whole product, running: web server, worker and sandbox as processes of their own, on a database of their own."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
"""Seconds in which the desk must answer."""


@dataclass
class RunningDesk:
    """A context manager that starts the product with sample data and stops it again."""

    settings: dict[str, str] = field(default_factory=dict)
    """Environment variables besides the usual ones."""
    place: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="desk-running-")))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> RunningDesk:
        self.port, self.sandbox_port = free_port(), free_port()
        self.env = self._environment()
        for words in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"]):
            self.manage(*words)
        said = self.manage("sample_data", "--bare", "--undo-seconds", "0", "--sign-ins", str(self.place / "sign-ins.txt"))
        self.passwords = {name: password for _role, name, password in (line.split() for line in said.splitlines() if line.strip())}
        self.start("sandbox", "manage.py", "sandbox", "--port", str(self.sandbox_port), "--ledger", str(self.place / "ledger.jsonl"))
        self.start_worker()
        server = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        self.start("web", *server, "--workers", "1", "--blocking-threads", "4", "--no-ws", "config.wsgi:application")
        self._wait_until(f"{self.address}/readyz")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name in ("web", "worker", "sandbox"):
            self.stop(name)
        shutil.rmtree(self.place, ignore_errors=True)

    @property
    def address(self) -> str:
        """Where the desk is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        """Where the sandbox is."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    def manage(self, *words: str, stdin: str | None = None, may_fail: bool = False) -> str:
        """Run a management command; what it printed."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.env, input=stdin, capture_output=True, text=True, check=False
        )
        assert ran.stdout if may_fail else ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def start(self, name: str, *words: str) -> None:
        """Start a Python process of the product; its output goes to a file of that name."""
        with (self.place / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def start_worker(self) -> None:
        """Start the worker."""
        self.start("worker", "manage.py", "worker")

    def stop(self, name: str) -> None:
        """End a process that this desk started, and wait for it."""
        if process := self.processes.pop(name, None):
            process.terminate()
            try:
                process.wait(timeout=45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        """What a process has said so far."""
        return (self.place / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _environment(self) -> dict[str, str]:
        ours = r"(DATABASE_URL|TEST_DATABASE|ENV_FILE|SECRET_KEY|DESK_KEYS|NUMBER_KEY)(_FILE)?"
        inherited = {name: value for name, value in os.environ.items() if not re.fullmatch(ours, name)}
        return inherited | {
            "ENV_FILE": str(self.place / "no.env"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DESK_KEYS": _key(),
            "NUMBER_KEY": _key(),
            "DATABASE_URL": f"sqlite:///{self.place / 'desk.sqlite3'}",
            "JOURNAL": str(self.place / "journal"),
            "STATIC_ROOT": str(self.place / "static"),
            "DEBUG": "False",
            "HTTPS": "False",
            "OUTBOUND_LOOPBACK": "True",
            "PROOF_SECONDS": "3600",
            "SANDBOX_ADDRESS": self.sandbox,
            **self.settings,
        }

    def _wait_until(self, address: str) -> None:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with direct.open(address, timeout=30) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            logs = "\n".join(self.log(name) for name in self.processes)
            assert time.monotonic() < until, f"{address} did not answer 200 within {PATIENCE} s.\n{logs}"
            time.sleep(0.1)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
