"""The untracked `.env`: keys made on this machine, and the settings of a desk that talks to the sandbox."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping

from config.setup.places import ENV_FILE, VAR
from config.setup.trouble import Trouble

TEXT = """\
# Made on this machine at first run. The keys open what is sealed in the database: back up both, and keep them apart.
SECRET_KEY={secret_key}
DESK_KEYS={desk_key}
NUMBER_KEY={number_key}

# A copy of the database that is started without this line, or with another name, sends nothing until an admin lets it.
INSTANCE={instance}

# A desk on this machine alone, sending to the sandbox.
DEBUG=False
HTTPS=False
OUTBOUND_LOOPBACK=True
SANDBOX_ADDRESS=http://127.0.0.1:{sandbox_port}
"""


def make(sandbox_port: int) -> None:
    """Make `.env`, for its owner alone. Raises Trouble when a database is there whose keys are gone."""
    if (VAR / "desk.sqlite3").exists() and "DESK_KEYS" not in os.environ:
        raise Trouble("There is a database in var/, but no .env with the keys that open it: put .env back, or remove var/ to start afresh.")
    text = TEXT.format(
        secret_key=secrets.token_urlsafe(48),
        desk_key=_key(),
        number_key=_key(),
        instance=f"desk-{secrets.token_hex(4)}",
        sandbox_port=sandbox_port,
    )
    with os.fdopen(os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def settings() -> Mapping[str, str]:
    """The values of `.env`, under those of the environment."""
    lines = ENV_FILE.read_text(encoding="utf-8").splitlines() if ENV_FILE.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs} | dict(os.environ)
