"""System checks of the shell, and the settings documented for production."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as project
from django.http import HttpRequest, HttpResponse
from django.urls import path

from dashboard import checks
from dashboard.decorators import public

PRODUCTION = {
    "SECRET_KEY": base64.b64encode(bytes(range(48))).decode(),
    "DESK_KEYS": base64.b64encode(b"d" * 32).decode(),
    "NUMBER_KEY": base64.b64encode(b"n" * 32).decode(),
    "ALLOWED_HOSTS": "desk.example",
    "CSRF_TRUSTED_ORIGINS": "https://desk.example",
    "BEHIND_PROXY": "True",
    "INSTANCE": "production",
}


def manage(tmp_path: Path, words: str, **changes: str) -> tuple[int, str]:
    """A management command in a process of its own, with nothing else in its environment."""
    given = PRODUCTION | {
        "ENV_FILE": str(tmp_path / "none"),
        "JOURNAL": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3",
    }
    run = subprocess.run(
        [sys.executable, "manage.py", *words.split()],
        cwd=project.BASE_DIR,
        env={"PATH": os.environ["PATH"], **given, **changes},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def deploy(tmp_path: Path, **changes: str) -> tuple[int, str]:
    return manage(tmp_path, "check --deploy --fail-level WARNING", **changes)


def test_the_documented_production_settings_are_clean(tmp_path: Path) -> None:
    code, said = deploy(tmp_path)
    assert (code, "no issues" in said) == (0, True), said


def test_cookies_are_bound_to_the_host_and_https(tmp_path: Path) -> None:
    _code, said = manage(tmp_path, "diffsettings")
    for line in ("SESSION_COOKIE_NAME = '__Host-session'", "CSRF_COOKIE_NAME = '__Host-csrf'", "SESSION_COOKIE_SECURE = True"):
        assert line in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DEBUG": "True", "HTTPS": "True"}, "security.W018"),
        ({"HTTPS": "False"}, "security.W008"),
        ({"ALLOWED_HOSTS": "*"}, "desk.E007"),
        ({"ALLOWED_HOSTS": ".example"}, "desk.E007"),
        ({"OUTBOUND_LOOPBACK": "True"}, "desk.E005"),
        ({"OUTBOUND_HOSTS": "*"}, "desk.E009"),
        ({"OUTBOUND_HOSTS": "*.ujet.co,*.com"}, "“*.com”"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"DESK_KEYS": "short"}, "DESK_KEYS must hold keys"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"INSTANCE": ""}, "desk.W010"),
        ({"INSTANCE": "x" * 61}, "INSTANCE must be at most 60 characters"),
    ],
)
def test_anything_less_is_refused(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    code, output = deploy(tmp_path, **changes)
    assert code != 0
    assert said in output


def test_a_view_without_a_permission_is_named(settings: Any) -> None:
    assert checks.every_view_declares_its_permission() == []

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def declared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    urls = ModuleType("urls")
    urls.urlpatterns = [path("a/", bare), path("b/", public(declared))]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urls
    (error,) = checks.every_view_declares_its_permission()
    assert error.id == "desk.E006"
    assert "bare" in error.msg
