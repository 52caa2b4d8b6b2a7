"""`make`, before and while anything is installed: real programs in a copy of the project, without a network."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.setup import ports, postgres, tests, tools, venv
from config.setup.checks import Result
from config.setup.trouble import Trouble
from tests.architecture.sources import ROOT

BEFORE_ANYTHING_IS_INSTALLED = ("config/__init__.py", "config/setup/__init__.py", "config/setup/__main__.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as far as the set-up itself goes."""
    place = tmp_path / "a copy"
    place.mkdir()
    for name in ("Makefile", "requirements.txt", "manage.py"):
        shutil.copy(ROOT / name, place)
    shutil.copytree(ROOT / "config", place / "config", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "requirements.txt", place / "tests")
    return place


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def make(place: Path, *words: str, python: str = sys.executable, **env: str) -> subprocess.CompletedProcess[str]:
    """Run make there, with nothing of this process's environment but where programs are."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(place), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    named = [f"PYTHON={python}"] if python else []
    return subprocess.run(["make", *words, *named], cwd=place, env=clean | env, capture_output=True, text=True, check=False)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed make said, without make's own last line; one line is allowed."""
    assert done.returncode != 0
    *lines, last = done.stderr.splitlines()
    assert last.startswith("make: ***")
    assert len(lines) == 1, done.stderr
    return lines[0]


def lend_venv(place: Path, *requirements: str) -> None:
    """A virtual environment for the copy that uses what is installed here; of those requirements it believes to have them."""
    (place / ".venv").mkdir()
    for name in ("bin", "lib"):
        (place / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", place / ".venv")
    for name in requirements:
        code = "from config.setup import places, venv; p = places.ROOT / %r; venv.stamp(p).write_text(venv.digest(p))"
        subprocess.run([sys.executable, "-c", code % name], cwd=place, check=True)


class TestPython:
    def test_without_one_there_is_one_sentence(self, copy: Path, tmp_path: Path) -> None:
        programs = tmp_path / "bin"
        programs.mkdir()
        (programs / "make").symlink_to(str(shutil.which("make")))
        assert sentence(make(copy, "run", python="", PATH=str(programs))).startswith(
            "Dispatch Desk needs Python 3.11 or newer, and none was found"
        )

    def test_an_old_one_is_passed_over(self, copy: Path, tmp_path: Path) -> None:
        programs = tmp_path / "bin"
        programs.mkdir()
        (programs / "make").symlink_to(str(shutil.which("make")))
        (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
        (programs / "python3").chmod(0o755)
        (programs / "python3.12").symlink_to(sys.executable)
        assert sentence(make(copy, "run", python="", PATH=str(programs), PORT="none")).startswith("PORT must be")

    def test_an_old_one_that_was_named_is_refused(self, copy: Path) -> None:
        code = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_module('config.setup', run_name='__main__')"
        done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(f"Dispatch Desk needs Python 3.11 or newer; {sys.executable} is ")

    @pytest.mark.parametrize("name", BEFORE_ANYTHING_IS_INSTALLED)
    def test_what_says_so_can_be_read_by_old_ones(self, name: str) -> None:
        ast.parse((ROOT / name).read_text(), feature_version=(3, 6))

    def test_without_its_venv_module(self, copy: Path, tmp_path: Path) -> None:
        (tmp_path / "ensurepip.py").write_text("raise ImportError")
        said = sentence(make(copy, "run", PYTHONPATH=str(tmp_path), PORT=str(free_port())))
        assert said.startswith(f"{sys.executable} comes without its venv module: install it first")
        assert not (copy / ".venv").exists()


class TestPorts:
    def test_a_taken_one(self, copy: Path, taken: int) -> None:
        said = sentence(make(copy, "run", PORT=str(taken)))
        assert said.startswith(f"Port {taken} is taken by another program; stop it, or choose another port: make run PORT=")
        assert not (copy / ".venv").exists()

    @pytest.mark.parametrize("port", ["none", "0", "70000", "-1", "80 80", "٨٠٠٠", "8e3"])
    def test_what_is_no_port(self, copy: Path, port: str) -> None:
        assert sentence(make(copy, "run", PORT=port)) == f"PORT must be a whole number from 1 to 65535; it is “{port}”."

    def test_a_new_desk_takes_a_free_one_for_its_sandbox(self) -> None:
        port = ports.for_new_sandbox()
        with socket.create_server(("127.0.0.1", port)):
            assert ports.for_new_sandbox() not in (port, None)

    def test_a_taken_one_of_the_sandbox(self, taken: int) -> None:
        with pytest.raises(Trouble, match=rf"^Port {taken}, which this desk's sandbox uses, is taken.*SANDBOX_ADDRESS in \.env\.$"):
            ports.sandbox({"SANDBOX_ADDRESS": f"http://127.0.0.1:{taken}"})

    @pytest.mark.parametrize("address", ["http://0.0.0.0:8900", "http://example.com:8900", "https://127.0.0.1:8900", "http://127.0.0.1"])
    def test_the_sandbox_stays_on_this_machine(self, address: str) -> None:
        with pytest.raises(Trouble, match=r"^SANDBOX_ADDRESS must be like http://127\.0\.0\.1:8900; it is "):
            ports.sandbox({"SANDBOX_ADDRESS": address})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class TestKeys:
    def in_copy(self, place: Path, code: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", f"from config.setup import keys, places; places.make_places(); {code}"]
        return subprocess.run(command, cwd=place, env={"PATH": os.environ["PATH"]} | env, capture_output=True, text=True, check=False)

    def test_they_are_made_for_their_owner_alone(self, copy: Path) -> None:
        assert self.in_copy(copy, "keys.make(8917)").returncode == 0
        assert (copy / ".env").stat().st_mode & 0o777 == 0o600
        assert (copy / "var").stat().st_mode & 0o777 == 0o700

    def test_they_are_new_on_every_machine(self, copy: Path) -> None:
        made = []
        for _ in range(2):
            self.in_copy(copy, "keys.make(8917)")
            made.append((copy / ".env").read_text())
            (copy / ".env").unlink()
        keys = [{line for line in text.splitlines() if "KEY" in line.partition("=")[0]} for text in made]
        assert len(keys[0]) == len(keys[1]) == 3
        assert keys[0].isdisjoint(keys[1])

    def test_they_never_replace_others(self, copy: Path) -> None:
        (copy / ".env").write_text("mine")
        assert "FileExistsError" in self.in_copy(copy, "keys.make(8917)").stderr
        assert (copy / ".env").read_text() == "mine"

    def test_settings_of_the_environment_win(self, copy: Path) -> None:
        self.in_copy(copy, "keys.make(8917)")
        code = "print(keys.settings()['SANDBOX_ADDRESS'], keys.settings()['DEBUG'])"
        assert self.in_copy(copy, code).stdout == "http://127.0.0.1:8917 False\n"
        assert self.in_copy(copy, code, SANDBOX_ADDRESS="http://127.0.0.1:8950").stdout == "http://127.0.0.1:8950 False\n"

    def test_a_database_without_its_keys_is_not_given_new_ones(self, copy: Path) -> None:
        code = "(places.VAR / 'desk.sqlite3').touch(); keys.make(8917)"
        assert "There is a database in var/, but no .env with the keys that open it" in self.in_copy(copy, code).stderr
        assert not (copy / ".env").exists()

    def test_git_does_not_see_them(self) -> None:
        assert {"/.env", "/var/", "/.venv/"} <= set((ROOT / ".gitignore").read_text().splitlines())


class TestRequirements:
    def test_what_cannot_be_installed_is_one_sentence(self, copy: Path) -> None:
        lend_venv(copy)
        (copy / "requirements.txt").write_text("no-such-thing-anywhere==1.0\n")
        done = make(copy, "run", PORT=str(free_port()))
        assert sentence(done) == (
            "What requirements.txt lists could not be installed: No matching distribution found for no-such-thing-anywhere==1.0"
            " (all of it is in var/log/set-up.log)"
        )
        assert "no-such-thing-anywhere" in (copy / "var" / "log" / "set-up.log").read_text()

    def test_every_requirement_is_pinned(self) -> None:
        for name in ("requirements.txt", "tests/requirements.txt"):
            lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
            assert [line for line in lines if "==" not in line] == []

    def test_a_change_of_the_runtime_pins_counts_for_the_tests_too(self, copy: Path) -> None:
        code = "from config.setup import places, venv; print(venv.digest(places.TEST_REQUIREMENTS))"
        first = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, check=True).stdout
        with (copy / "requirements.txt").open("a") as file:
            file.write("another==1.0\n")
        assert subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, check=True).stdout != first


class TestMakeTest:
    def test_missing_programs_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(tools, "_distribution", lambda: "fedora")
        with pytest.raises(Trouble, match=r"^The tests need chromium.*, which this machine does not have: install them"):
            tools.ready()

    def test_debian_installs_what_is_missing_and_tries_twice(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        log, programs = tmp_path / "log", tmp_path / "bin"
        self.fake_apt_get(programs, log, fails=1)
        self.on_debian(monkeypatch, programs)
        assert tools.ready().chromium == programs / "chromium"
        asked = [line.split() for line in log.read_text().splitlines()]
        assert [words[1] for words in asked] == ["update", "install", "update", "install"]
        assert {words[0] for words in asked} == {"noninteractive"}
        assert "chromium" in asked[1]

    def test_what_cannot_be_installed_ends_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        log, programs = tmp_path / "log", tmp_path / "bin"
        self.fake_apt_get(programs, log, fails=2)
        self.on_debian(monkeypatch, programs)
        with pytest.raises(Trouble, match=r"^apt-get could not install chromium"):
            tools.ready()

    def fake_apt_get(self, programs: Path, log: Path, fails: int) -> None:
        """A package manager that fails so often before it brings Chromium."""
        programs.mkdir()
        (programs / "apt-get").write_text(
            f"""#!/bin/sh
echo "$DEBIAN_FRONTEND $1 $*" >> {log}
[ "$1" = update ] && exit 0
[ "$(/bin/grep -c ' install ' {log})" -gt {fails} ] || exit 100
printf '#!/bin/sh\n' > {programs}/chromium
/bin/chmod +x {programs}/chromium
"""
        )
        (programs / "apt-get").chmod(0o755)

    def on_debian(self, monkeypatch: pytest.MonkeyPatch, programs: Path) -> None:
        monkeypatch.setenv("PATH", str(programs))
        monkeypatch.setattr(tools, "_distribution", lambda: "debian")
        monkeypatch.setattr(os, "getuid", lambda: 0)
        monkeypatch.setattr(tools, "_postgresql", lambda: Path("/usr/lib/postgresql/15/bin"))

    def test_its_postgresql_is_durable_and_gone_afterwards(self) -> None:
        programs = tools.ready().postgresql
        with postgres.server(programs) as address:
            with psycopg.connect(address) as connection:
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(address.replace("desk:", "desk:not-"))
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(address)

    def test_stopping_it_lets_the_tests_end_what_they_started(self, copy: Path) -> None:
        lend_venv(copy)
        sleeper = (
            "import time\ntry:\n  print('begun', flush=True)\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  print('ended', flush=True)"
        )
        (copy / "sleeper.py").write_text(sleeper)
        stoppable = "import signal, sys; from config.setup import checks; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))"
        code = f"{stoppable}; checks.module('x', ['sleeper'], {{}})"
        with subprocess.Popen([sys.executable, "-c", code], cwd=copy, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert [process.stdout.readline() for _ in range(2)] == ["── x ──\n", "begun\n"]
            process.terminate()
            assert process.stdout.read() == "ended\n"
            assert process.wait() == 3

    def test_the_closing_line_has_all_totals(self) -> None:
        results = [Result("style", True), Result("tests on SQLite", True, 1200, 0, 2), Result("tests in Chromium", True, 9)]
        line = "\nEverything passed · 1,200 tests on SQLite, 9 tests in Chromium · 0 failed, 2 skipped · 3 steps in 2 min 5 s"
        assert tests.closing_line(results, 125.4) == line

    def test_the_closing_line_names_what_failed(self) -> None:
        results = [Result("types", False), Result("tests on SQLite", False, 10, 3, 0), Result("style", True)]
        assert tests.closing_line(results, 1).startswith("\nFAILED: types, tests on SQLite · 10 tests on SQLite · 3 failed")

    def test_a_run_that_left_no_report_has_failed(self, tmp_path: Path) -> None:
        assert not tests.counted("tests", True, tmp_path / "none.xml").passed

    def test_a_report_is_counted(self, tmp_path: Path) -> None:
        report = tmp_path / "report.xml"
        report.write_text('<testsuites><testsuite tests="7" failures="1" errors="2" skipped="3"/></testsuites>')
        assert tests.counted("tests", False, report) == Result("tests", False, 7, 3, 3)


class TestMakefile:
    def test_help_lists_every_target(self, copy: Path) -> None:
        targets = {line.split()[1] for line in make(copy, "help").stdout.splitlines()}
        phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
        assert targets == set(phony.split()[1:])

    def test_it_is_what_make_alone_says(self, copy: Path) -> None:
        assert make(copy).stdout == make(copy, "help").stdout

    def test_ci_runs_make_test(self) -> None:
        script = ROOT / ".ci" / "run"
        assert script.stat().st_mode & 0o111
        assert script.read_text().rstrip().endswith("exec make test")

    def test_unknown_words_are_refused(self, copy: Path) -> None:
        done = subprocess.run([sys.executable, "-m", "config.setup", "fly"], cwd=copy, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (64, "Use one of: run, test, lint, types, pictures, bench-engine, bench-pages, chaos.\n")


def test_the_stamp_lies_beside_what_it_is_about() -> None:
    assert venv.stamp(ROOT / "requirements.txt").parent == ROOT / ".venv"
