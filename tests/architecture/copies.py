"""Copies of the project in which make is run, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


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
