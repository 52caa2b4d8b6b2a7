"""Running other programs and saying what went wrong with them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.setup.places import LOGS, PYTHON, ROOT
from config.setup.trouble import Trouble


def say(text: str) -> None:
    """Tell the person at the terminal what is happening."""
    print(text, flush=True)


def quietly(command: Sequence[str | Path], trouble: str, *, env: Mapping[str, str] | None = None) -> str:
    """Run a program; its standard output.

    When it fails, all it said goes to a log, and Trouble says `trouble` with the line that tells most.
    """
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        log = LOGS / "set-up.log"
        log.write_text(f"{done.stdout}\n{done.stderr}", encoding="utf-8")
        raise Trouble(f"{trouble}: {_telling_line(done.stderr or done.stdout)} (all of it is in {log.relative_to(ROOT)})")
    return done.stdout


def manage(*words: str, trouble: str, env: Mapping[str, str] | None = None) -> str:
    """Run one of Django's commands in the virtual environment; its standard output."""
    return quietly([PYTHON, "manage.py", *words], trouble, env=env)


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it gave no reason"]
    return next((line for line in reversed(lines) if line.startswith("ERROR: ")), lines[-1]).removeprefix("ERROR: ")
