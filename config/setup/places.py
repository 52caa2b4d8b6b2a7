"""Where things are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
LOGS = VAR / "log"
ENV_FILE = ROOT / ".env"
SETTINGS = ROOT / "config" / "settings.py"
REQUIREMENTS = ROOT / "requirements.txt"
TEST_REQUIREMENTS = ROOT / "tests" / "requirements.txt"


def make_places() -> None:
    """Make the directories for what the running desk writes; nobody else may look into them."""
    for directory in (VAR, LOGS):
        directory.mkdir(mode=0o700, exist_ok=True)
