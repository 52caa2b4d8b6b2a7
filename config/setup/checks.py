"""The checks that need no test: style, templates, types, migrations, the settings of production."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config.setup import venv
from config.setup.commands import say
from config.setup.places import PYTHON, REQUIREMENTS, ROOT, TEST_REQUIREMENTS

GRACE = 30
"""Seconds that a stopped program has to end what it started."""
PRODUCTION = ROOT / "config" / "production.env"
STYLE: Mapping[str, Sequence[str]] = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "templates": ("djlint", "templates", "--lint", "--quiet"),
}
TYPES: Mapping[str, Sequence[str]] = {"types": ("mypy", "providers", "config", "dashboard", "tests")}


@dataclass(frozen=True, slots=True)
class Result:
    """What one check or test run came to."""

    name: str
    passed: bool
    tests: int = 0
    failed: int = 0
    skipped: int = 0


def lint() -> int:
    """Style and templates; the exit status."""
    return _all_of(STYLE)


def types() -> int:
    """Types; the exit status."""
    return _all_of(TYPES)


def _all_of(checks: Mapping[str, Sequence[str]]) -> int:
    venv.ready(REQUIREMENTS)
    venv.ready(TEST_REQUIREMENTS)
    return 0 if all([result.passed for result in run(checks, dict(os.environ))]) else 1


def run(checks: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> list[Result]:
    """Run every module with its words, also after one failed."""
    return [Result(name, module(name, words, env)) for name, words in checks.items()]


def module(name: str, words: Sequence[str], env: Mapping[str, str]) -> bool:
    """Run a Python module in the virtual environment, its output shown; whether it ended well."""
    return _shown(name, [str(PYTHON), "-m", *words], env)


def _shown(name: str, command: Sequence[str], env: Mapping[str, str]) -> bool:
    """When the set-up is stopped, the program is too, and may first end what it started."""
    say(f"── {name} ──")
    process = None
    try:
        with _unstopped():
            process = subprocess.Popen(command, cwd=ROOT, env=env)
        return process.wait() == 0
    except BaseException:
        if process:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            process.kill()
        raise


@contextmanager
def _unstopped() -> Iterator[None]:
    """Hear of a stop only afterwards: a program that was just begun must be known before it can be told to end."""
    told: list[int] = []
    handlers = {number: signal.signal(number, lambda told_by, frame: told.append(told_by)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for stop in told:
        signal.raise_signal(stop)


def deployment(env: Mapping[str, str], scratch: Path, database_url: str) -> list[Result]:
    """The migrations are complete, and the documented production settings give no warning."""
    production = dict(env) | _production(scratch, database_url)
    checks = {
        "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
        "deployment": ("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"),
    }
    return [Result(name, _shown(name, [str(PYTHON), *words], production)) for name, words in checks.items()]


def _production(scratch: Path, database_url: str) -> dict[str, str]:
    """The documented settings, with keys and database of their own in the place of those that the document only names."""
    keys = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DESK_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "NUMBER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    for name, value in keys.items():
        (scratch / name).write_text(value, encoding="ascii")
    files = {f"{name}_FILE": str(scratch / name) for name in keys}
    (scratch / "DATABASE_URL").write_text(database_url, encoding="utf-8")
    return {
        "ENV_FILE": str(PRODUCTION),
        **files,
        "DATABASE_URL_FILE": str(scratch / "DATABASE_URL"),
        "STATIC_ROOT": str(scratch / "static"),
        "JOURNAL": str(scratch / "journal"),
    }
