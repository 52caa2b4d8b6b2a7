"""`make run` as a person runs it: in a fresh copy, in the foreground, stopped by Ctrl-C, and started again."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.architecture.copies import lend_venv
from tests.architecture.sources import ROOT, files
from tests.ports import free_port

LINUX = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks at processes through /proc")
READY = "Ctrl-C stops everything."


class Desk:
    """A running `make run` in a copy of the project."""

    def __init__(self, place: Path, port: int) -> None:
        self.place, self.port = place, port
        env = {"PATH": os.environ["PATH"], "HOME": str(place), "PORT": str(port), "PIP_NO_INDEX": "1"}
        command = ["make", "run", f"PYTHON={sys.executable}"]
        self.process = subprocess.Popen(
            command, cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.said = ""

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if READY in line:
                return
        raise AssertionError(self.said)

    def press_ctrl_c(self) -> int:
        """What the terminal does: SIGINT to everything in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        return self.process.wait(timeout=120)

    def sign_ins(self) -> dict[str, tuple[str, str]]:
        """User name and password by role, as printed."""
        return {role: (name, password) for role, name, password in re.findall(r"^  (\w+) +(\w+) +(\S+)$", self.said, re.MULTILINE)}

    def pids(self, words: str) -> list[int]:
        """The processes of this copy whose command line has these words."""
        return [pid for pid, line in _processes(self.place) if words in line]


def _processes(place: Path) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve(strict=True) == place:
                yield int(entry.name), (entry / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue


@contextmanager
def running(place: Path, port: int) -> Iterator[Desk]:
    desk = Desk(place, port)
    try:
        desk.wait_until_ready()
        yield desk
    finally:
        if desk.process.poll() is None:
            desk.press_ctrl_c()


def until(holds: object, *words: object) -> None:
    assert callable(holds)
    for _ in range(1800):
        if holds(*words):
            return
        threading.Event().wait(0.1)
    raise AssertionError("it never came to be")


def answers(port: int, path: str = "/healthz") -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(30)
        return probe.connect_ex((host, port)) == 0


def sign_in(port: int, username: str, password: str) -> int:
    """The status of the overview after signing in through the form."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/sign-in/")
        page = connection.getresponse()
        cookies = SimpleCookie(page.getheader("Set-Cookie") or "")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
        assert token
        form = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": token[1]})
        jar = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": jar, "Origin": f"http://127.0.0.1:{port}"}
        connection.request("POST", "/sign-in/", form, headers)
        answer = connection.getresponse()
        answer.read()
        given = [SimpleCookie(value) for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        jar = "; ".join(f"{name}={morsel.value}" for cookie in given for name, morsel in cookie.items())
        connection.request("GET", "/", headers={"Cookie": jar})
        return connection.getresponse().status


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A fresh clone, but for what would have to be downloaded."""
    copy = tmp_path / "a fresh clone"
    for path in files():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    lend_venv(copy, "requirements.txt")
    return copy


@LINUX
def test_from_a_fresh_clone_to_ctrl_c_and_back(place: Path) -> None:
    port = free_port()
    with running(place, port) as desk:
        sandbox_port = int(re.search(r"SANDBOX_ADDRESS=http://127\.0\.0\.1:(\d+)", (place / ".env").read_text())[1])  # type: ignore[index]
        first = desk.sign_ins()
        _it_says_where_it_is(desk)
        _it_is_reached_from_this_machine_alone(port, sandbox_port)
        _what_dies_comes_back(desk, sandbox_port)
        desk.press_ctrl_c()
        assert desk.said.rstrip().endswith("Interrupt") or "Stopped." in desk.said
    _nothing_is_left(place, port, sandbox_port)
    with running(place, port) as again:
        assert again.sign_ins() == first
        assert {sign_in(port, *names) for names in first.values()} == {200}
        again.process.terminate()
        again.process.wait(timeout=120)
    _nothing_is_left(place, port, sandbox_port)


def _it_says_where_it_is(desk: Desk) -> None:
    assert f"Dispatch Desk is at http://127.0.0.1:{desk.port}\n" in desk.said
    assert desk.sign_ins().keys() == {"supervisor", "admin", "auditor"}
    assert answers(desk.port)
    until(answers, desk.port, "/readyz")
    assert {sign_in(desk.port, *names) for names in desk.sign_ins().values()} == {200}
    assert sign_in(desk.port, "sam", "some other password") == 302
    for name in (".env", "var/sign-ins.txt", "var/sandbox-ledger.jsonl"):
        assert (desk.place / name).stat().st_mode & 0o777 == 0o600


def _it_is_reached_from_this_machine_alone(*ports: int) -> None:
    """Another loopback address stands for every other address: only a server bound to all of them answers there."""
    for port in ports:
        assert listens("127.0.0.1", port)
        assert not listens("127.0.0.2", port)


def _what_dies_comes_back(desk: Desk, sandbox_port: int) -> None:
    old = {words: desk.pids(words) for words in ("granian", "manage.py worker", "manage.py sandbox")}
    assert [len(pids) > 0 for pids in old.values()] == [True] * 3
    for pids in old.values():
        os.kill(min(pids), signal.SIGKILL)
    until(lambda: all(set(desk.pids(words)) - set(pids) for words, pids in old.items()))
    until(lambda: not set(desk.pids("granian")) & set(old["granian"]))
    until(answers, desk.port)
    until(answers, sandbox_port, "/_sandbox/")


def _nothing_is_left(place: Path, *ports: int) -> None:
    until(lambda: list(_processes(place)) == [])
    assert [listens("127.0.0.1", port) for port in ports] == [False] * len(ports)
