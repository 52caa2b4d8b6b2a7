"""The environment in which tests run: loaded by pytest before Django reads its settings."""

import base64
import os
import tempfile
from pathlib import Path

SCRATCH = Path(tempfile.gettempdir()) / f"dispatch-desk-tests-{os.getuid()}-{os.getpid()}"
SCRATCH.mkdir(parents=True, exist_ok=True)

os.environ |= {
    "ENV_FILE": str(SCRATCH / "no.env"),
    "DEBUG": "False",
    "HTTPS": "False",
    "SECRET_KEY": "tests only " * 6,
    "DESK_KEYS": base64.b64encode(b"t" * 32).decode(),
    "NUMBER_KEY": base64.b64encode(b"n" * 32).decode(),
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "OUTBOUND_LOOPBACK": "True",
    "JOURNAL": str(SCRATCH / "journal"),
    "DISK_LEAST": "0",
    "DISK_LEAST_SHARE": "0",
    "STATIC_ROOT": str(SCRATCH / "static"),
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{SCRATCH / 'desk.sqlite3'}")
if os.environ["DATABASE_URL"].startswith("sqlite"):
    os.environ["TEST_DATABASE"] = str(SCRATCH / "test.sqlite3")
else:
    os.environ.setdefault("TEST_DATABASE", f"test_desk_{os.getpid()}")
