"""Answers on disk before they are in the database, so that none is forgotten when the database, or this process, goes away.

One preallocated file a worker: it can be written when the disk is full. A record is its length, the generation of the file,
a checksum, and a sealed entry. When no entry is open the file begins a new generation from the start. The worker locks
its file; a file without a lock belongs to a worker that is gone, and whoever finds it replays it.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from dashboard import crypto
from dashboard.services.failpoints import hit
from providers.types import Answer

HEAD = struct.Struct(">III")
SIZE = 4 * 1024 * 1024
LARGEST = 8 * 1024 * 1024
SUFFIX = ".journal"
CLOSED = -1


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer to one invocation."""

    uid: str
    answer: Answer


class Journal:
    """The file of one worker process."""

    def __init__(self, name: str, directory: Path | None = None) -> None:
        folder = directory or _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = _path(name, folder)
        # Locked before it gets the name by which others look for files that nobody has locked.
        unnamed = self.path.with_suffix(".new")
        self._file = os.open(unnamed, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            _put(self._file, bytes(SIZE), 0)
            os.fsync(self._file)
        except OSError:
            unnamed.unlink()
            os.close(self._file)
            raise
        unnamed.replace(self.path)
        self._lock = threading.Lock()
        self._open: dict[str, Entry] = {}
        self._left: set[str] = set()
        self._at, self._generation = 0, 1

    def write(self, uid: str, answer: Answer) -> None:
        """Put an answer on disk; returns when it is there. Raises OSError."""
        plain = json.dumps({"uid": uid, "answer": _as_json(answer)}).encode()
        payload = crypto.seal(plain, f"journal|{self.path.name}")
        record = HEAD.pack(len(payload), self._generation, zlib.crc32(payload)) + payload
        with self._lock:
            self._open[uid] = Entry(uid, answer)
            # The zeros end the file for a reader: what an earlier generation left behind is not read.
            _put(self._file, record + bytes(HEAD.size), self._at)
            self._at += len(record)
            os.fsync(self._file)
        hit("journal.written")

    def resolve(self, uid: str) -> None:
        """Forget an answer that is in the database."""
        with self._lock:
            self._open.pop(uid, None)
            self._left.discard(uid)
            if not self._open and self._at:
                self._at, self._generation = 0, self._generation + 1
                _put(self._file, bytes(HEAD.size), 0)
        hit("journal.resolved")

    def leave(self, uid: str) -> None:
        """Leave an answer to the journal alone: whoever read it has given up bringing it into the database."""
        with self._lock:
            self._left.add(uid)

    def unresolved(self) -> list[Entry]:
        """The answers that were left to the journal."""
        with self._lock:
            return [entry for uid, entry in self._open.items() if uid in self._left]

    def close(self) -> None:
        """Give the file up; remove it when nothing in it is open. An answer that comes later cannot be written any more."""
        with self._lock:
            if not self._open:
                self.path.unlink(missing_ok=True)
            os.close(self._file)
            # The number of a closed file is soon another file's, the database's for one.
            self._file = CLOSED


def is_kept(name: str) -> bool:
    """Whether the journal of the worker of that name is on this machine: it goes once all its answers are in the database."""
    return _path(name, _folder()).exists()


def _folder() -> Path:
    return Path(settings.JOURNAL)


def _path(name: str, folder: Path) -> Path:
    return folder / f"{name.replace('/', '_')}{SUFFIX}"


def _put(file: int, data: bytes, at: int) -> None:
    """Write all of it: one write takes less where the disk has just filled up. Raises OSError when the rest has no room."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, at)
        rest, at = rest[written:], at + written


def abandoned() -> Iterator[tuple[Path, Callable[[], list[Entry]]]]:
    """The files of workers that are gone, and what reads their answers; each is locked while its turn lasts."""
    for path in sorted(_folder().glob(f"*{SUFFIX}")):
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path, lambda path=path: list(_entries(path))  # type: ignore[misc]
        except BlockingIOError:
            continue
        finally:
            os.close(file)


def _entries(path: Path) -> Iterator[Entry]:
    data, at, generation = path.read_bytes(), 0, 0
    while at + HEAD.size <= len(data):
        length, of, checksum = HEAD.unpack_from(data, at)
        payload = data[at + HEAD.size : at + HEAD.size + length]
        generation = generation or of
        if not 0 < length <= LARGEST or of != generation or zlib.crc32(payload) != checksum:
            return
        yield _entry(payload, path)
        at += HEAD.size + length


def _entry(payload: bytes, path: Path) -> Entry:
    stored = json.loads(crypto.unseal(payload, f"journal|{path.name}"))
    fields = stored["answer"]
    headers = tuple((name, value) for name, value in fields.pop("headers"))
    return Entry(stored["uid"], Answer(headers=headers, body=base64.b64decode(fields.pop("body")), **fields))


def _as_json(answer: Answer) -> dict[str, object]:
    return {**asdict(answer), "body": base64.b64encode(answer.body).decode()}
