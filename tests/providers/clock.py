"""The clock that exchanges go by: a test sets it forward once something has happened, and no machine is too slow for that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from providers import wire
from providers.wire import Exchange, Stream, steady

ALLOWED = 60.0
"""Seconds that the tests allow an exchange: enough for a machine that stands still for a while."""
LEFT = 0.3
"""Seconds of them that are left once time is to run out."""


class Clock:
    """Right, until it is set forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch, self.ahead = patch, 0.0
        patch.setattr(wire, "steady", lambda: steady() + self.ahead)

    def run_out(self) -> None:
        """Leave hardly anything of an exchange's time."""
        self.ahead = ALLOWED - LEFT

    def run_out_while_waiting(self, once: Callable[[bytes], bool] = lambda heard: True) -> None:
        """The same when an exchange waits for its answer and `once` is true of what it has heard of it."""
        read, heard = Stream.read, bytearray()

        def hear(stream: Stream, max_bytes: int, timeout: float | None = None) -> bytes:
            if once(bytes(heard)):
                self.run_out()
            received = read(stream, max_bytes, timeout)
            heard.extend(received)
            return received

        self._patch.setattr(Stream, "read", hear)

    def run_out_while_sending(self) -> None:
        """The same when the bytes of a request go out."""
        send = Stream._send

        def go_out(stream: Stream, exchange: Exchange, rest: memoryview) -> None:
            self.run_out()
            send(stream, exchange, rest)

        self._patch.setattr(Stream, "_send", go_out)
