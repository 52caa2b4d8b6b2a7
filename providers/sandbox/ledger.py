"""What the emulator keeps: the append-only ledger of effects, and the record of requests."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from providers.sandbox.types import Call
from providers.types import Json


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that would have reached people or changed the vendor's side."""

    number: int
    at: float
    """Seconds since the epoch."""
    vendor: str
    kind: str
    key: str
    recipients: tuple[str, ...]
    detail: Mapping[str, Json]


class Ledger:
    """Effects in the order in which they happened: appended, never changed or removed.

    With a file, an effect is on disk before the vendor answers, and effects of earlier runs are known.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._effects: list[Effect] = list(_read(file)) if file and file.exists() else []
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if file else None

    def effect(
        self, *, vendor: str, kind: str, key: str = "", recipients: Iterable[str] = (), detail: Mapping[str, Json] | None = None
    ) -> Effect:
        """Append one effect. `key` is what the vendor tells repeats by."""
        with self._lock:
            made = Effect(len(self._effects) + 1, time.time(), vendor, kind, key, tuple(recipients), dict(detail or {}))
            if self._file is not None:
                os.write(self._file, (json.dumps(asdict(made), ensure_ascii=True) + "\n").encode())
                os.fsync(self._file)
            self._effects.append(made)
            return made

    def effects(self, vendor: str = "", *, kind: str = "", key: str = "") -> list[Effect]:
        """The effects so far, oldest first; of that vendor, kind and key where given."""
        with self._lock:
            everything = list(self._effects)
        return [
            effect
            for effect in everything
            if (not vendor or effect.vendor == vendor) and (not kind or effect.kind == kind) and (not key or effect.key == key)
        ]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _read(file: Path) -> Iterable[Effect]:
    text = file.read_text(encoding="ascii")
    whole, newline, torn = text.rpartition("\n")
    if torn:
        os.truncate(file, len(whole) + len(newline))
    for line in whole.splitlines():
        values = json.loads(line)
        yield Effect(**values | {"recipients": tuple(values["recipients"])})


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it arrived and what became of it."""

    number: int
    vendor: str
    call: Call
    at: float
    """When it had been read: seconds since the epoch."""
    began: float
    """The same moment on the monotonic clock."""
    ended: float | None = None
    """When the vendor was through with it, on the monotonic clock."""
    status: int = 0
    """The status that is written; 0 when none is, or not yet."""
    fault: str = ""
    """The kind of fault that struck it; empty for none."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What one vendor could say of the calls it got."""

    calls: int
    at_once: int
    """The most calls under way at the same time."""
    in_one_second: int
    """The most calls that began within any one second."""
    largest_body: int
    """Bytes."""


class Requests:
    """The latest requests, oldest first."""

    def __init__(self, remember: int) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Recorded] = deque(maxlen=remember)
        self._open: dict[int, Recorded] = {}
        self._count = 0

    def begin(self, vendor: str, call: Call, fault: str = "") -> int:
        """Record a request that has been read; returns its number."""
        with self._lock:
            self._count += 1
            self._open[self._count] = Recorded(self._count, vendor, call, time.time(), time.monotonic(), fault=fault)
            return self._count

    def end(self, number: int, status: int = 0) -> None:
        """Record that a request is through, with that status or without an answer. Only the first end counts."""
        with self._lock:
            if record := self._open.pop(number, None):
                self._kept.append(replace(record, ended=time.monotonic(), status=status))

    def in_flight(self, vendor: str) -> int:
        """Calls of that vendor that have been read and not yet been answered."""
        with self._lock:
            return sum(record.vendor == vendor for record in self._open.values())

    def all(self, vendor: str = "", path: str = "*") -> list[Recorded]:
        """Requests of that vendor whose path matches the pattern, those under way included, in order of arrival."""
        with self._lock:
            everything = [*self._kept, *self._open.values()]
        chosen = [record for record in everything if (not vendor or record.vendor == vendor) and fnmatchcase(record.call.path, path)]
        return sorted(chosen, key=lambda record: record.number)

    def counters(self, vendor: str, path: str = "*") -> Counters:
        """Counters over the remembered requests of that vendor whose path matches the pattern."""
        records = self.all(vendor, path)
        return Counters(
            calls=len(records),
            at_once=_most_at_once(records),
            in_one_second=_most_in(1.0, [record.began for record in records]),
            largest_body=max((len(record.call.body) for record in records), default=0),
        )


def _most_at_once(records: list[Recorded]) -> int:
    starts = [(record.began, 1) for record in records]
    ends = [(record.ended, -1) for record in records if record.ended is not None]
    most = now = 0
    for _moment, step in sorted([*starts, *ends]):
        now += step
        most = max(most, now)
    return most


def _most_in(seconds: float, moments: list[float]) -> int:
    window: deque[float] = deque()
    most = 0
    for moment in sorted(moments):
        window.append(moment)
        while moment - window[0] >= seconds:
            window.popleft()
        most = max(most, len(window))
    return most
