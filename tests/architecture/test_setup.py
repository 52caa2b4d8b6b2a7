"""`make`, before and while anything is installed: real programs in a copy of the project, without a network."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.setup import ports, venv
from config.setup.trouble import Trouble
from tests.architecture.copies import lend_venv, make, sentence
from tests.architecture.sources import ROOT
from tests.ports import free_port

BEFORE_ANYTHING_IS_INSTALLED = ("config/__init__.py", "config/setup/__init__.py", "config/setup/__main__.py")


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

    def test_a_new_desk_takes_the_first_free_one_for_its_sandbox(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = free_port(), free_port()
        monkeypatch.setattr(ports, "SANDBOX", (first, second))
        assert ports.for_new_sandbox() == first
        with socket.create_server(("127.0.0.1", first)):
            assert ports.for_new_sandbox() == second

    def test_a_taken_one_of_the_sandbox(self, taken: int) -> None:
        with pytest.raises(Trouble, match=rf"^Port {taken}, which this desk's sandbox uses, is taken.*SANDBOX_ADDRESS in \.env\.$"):
            ports.sandbox({"SANDBOX_ADDRESS": f"http://127.0.0.1:{taken}"})

    @pytest.mark.parametrize("address", ["http://0.0.0.0:8900", "http://example.com:8900", "https://127.0.0.1:8900", "http://127.0.0.1"])
    def test_the_sandbox_stays_on_this_machine(self, address: str) -> None:
        with pytest.raises(Trouble, match=r"^SANDBOX_ADDRESS must be like http://127\.0\.0\.1:8900; it is "):
            ports.sandbox({"SANDBOX_ADDRESS": address})


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


def test_a_place_that_cannot_be_written_is_one_sentence(copy: Path) -> None:
    (copy / "var").write_text("a file where the directory should be")
    said = sentence(make(copy, "run", PORT=str(free_port())))
    assert said.startswith(f"The set-up cannot go on: {copy / 'var'}")
