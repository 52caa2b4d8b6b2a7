"""What `make test` needs, starts and says: real programs, and a package manager of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config.setup import postgres, tests, tools
from config.setup.checks import Result
from config.setup.trouble import Trouble
from tests.architecture.copies import lend_venv


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

    def test_a_stop_while_a_program_begins_is_heard_afterwards(self, copy: Path) -> None:
        lend_venv(copy)
        code = (
            "import os, signal, subprocess, sys; from config.setup import checks; begin = subprocess.Popen\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n"
            "def told(*words, **terms):\n"
            "  process = begin(*words, **terms); os.kill(os.getpid(), signal.SIGTERM); return process\n"
            "subprocess.Popen = told; checks.module('x', ['http.server', '--bind', '127.0.0.1', '0'], {})"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 3

    def test_the_settings_of_the_caller_do_not_reach_the_tests(self) -> None:
        machine = {"PATH": "/bin", "HOME": "/root", "HTTPS_PROXY": "http://proxy", "ROWS": "20000", "DATABASE": "postgresql", "CI": "1"}
        desk = {"DEBUG": "True", "HTTPS": "False", "OUTBOUND_LOOPBACK": "True", "LANE_LEASE": "1", "ENV_FILE": "x", "LOG_LEVEL": "DEBUG"}
        secrets = {"DATABASE_URL": "x", "DATABASE_URL_FILE": "x", "DESK_KEYS_FILE": "x", "TEST_DATABASE": "x"}
        assert tests.without_settings(machine | desk | secrets | {"DJANGO_SETTINGS_MODULE": "x"}) == machine

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
