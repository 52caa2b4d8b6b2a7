"""The virtual environment and what is installed into it."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

from config.setup.commands import quietly, say
from config.setup.places import PYTHON, ROOT, VENV, make_places
from config.setup.trouble import Trouble


def ready(requirements: Path) -> None:
    """Make sure that the virtual environment works and holds the pinned requirements; raises Trouble."""
    make_places()
    if not _works():
        _make()
    installed = stamp(requirements)
    if not installed.exists() or installed.read_text(encoding="ascii") != digest(requirements):
        _install(requirements)
        installed.write_text(digest(requirements), encoding="ascii")


def _works() -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def _make() -> None:
    if importlib.util.find_spec("venv") is None or not _has_ensurepip():
        raise Trouble(
            f"{sys.executable} comes without its venv module: install it first"
            " (on Debian and Ubuntu as root: apt-get install python3-venv)."
        )
    say("Making a virtual environment in .venv …")
    quietly([sys.executable, "-m", "venv", "--clear", VENV], "The virtual environment could not be made")


def _has_ensurepip() -> bool:
    try:
        import ensurepip
    except ImportError:
        return False
    return bool(ensurepip.version())


def _install(requirements: Path) -> None:
    name = requirements.relative_to(ROOT)
    say(f"Installing what {name} lists …")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    quietly([PYTHON, *pip, "--requirement", requirements], f"What {name} lists could not be installed")


def stamp(requirements: Path) -> Path:
    """The file that says what was installed of these requirements; it goes when the virtual environment goes."""
    return VENV / f"installed-{'-'.join(requirements.relative_to(ROOT).parts)}"


def digest(requirements: Path) -> str:
    """Of every pin that counts: the tests' requirements include the others."""
    pins = (ROOT / "requirements.txt").read_bytes() + requirements.read_bytes()
    return hashlib.sha256(pins + sys.version.encode()).hexdigest()
