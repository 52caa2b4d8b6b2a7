"""Programs that the tests need besides Python: Chromium and PostgreSQL."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.setup.commands import say
from config.setup.trouble import Trouble

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "postgresql")


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are."""

    chromium: Path
    postgresql: Path
    """The directory of initdb and pg_ctl."""


def ready() -> Tools:
    """Find the programs; on Debian as root, install those that are missing. Raises Trouble."""
    if _missing() and _may_install():
        _install(_missing())
    chromium, postgresql = _chromium(), _postgresql()
    if chromium and postgresql:
        return Tools(chromium, postgresql)
    raise Trouble(
        f"The tests need {' and '.join(_missing())}, which this machine does not have: install them"
        " (make test does that itself only on Debian as root)."
    )


def _missing() -> list[str]:
    found = (_chromium(), _postgresql())
    return [package for package, place in zip(PACKAGES, found, strict=True) if place is None]


def _chromium() -> Path | None:
    places = (shutil.which(name) for name in BROWSERS)
    return next((Path(place) for place in places if place), None)


def _postgresql() -> Path | None:
    if (place := shutil.which("initdb")) and shutil.which("pg_ctl"):
        return Path(place).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: float(place.parts[-3]))
    return versions[-1].parent if versions else None


def _may_install() -> bool:
    return os.getuid() == 0 and shutil.which("apt-get") is not None and _distribution() == "debian"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["ID"]
    except (OSError, KeyError):
        return ""


def _install(packages: list[str]) -> None:
    say(f"Installing {' and '.join(packages)} with apt-get …")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "update", "--quiet"]
    install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages]
    for _attempt in range(2):
        done = [subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode for command in (update, install)]
        if done == [0, 0]:
            return
    raise Trouble(f"apt-get could not install {' and '.join(packages)}; what it said stands above.")
