"""HTTP/1.1 on one connection, with a writer that can break off anywhere."""

from __future__ import annotations

import gzip
import select
import socket
import struct
import threading
import time
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from providers.sandbox.faults import Fault, Kind
from providers.sandbox.types import Call, Headers, Reply, reason

LONGEST_LINE = 65_536
LONGEST_BODY = 64_000_000
HOUR = 3600.0


class Gone(Exception):
    """The other side has closed, or sent something that is not HTTP; or this side has closed on purpose."""


class Wire:
    """One connection. Every method raises Gone or OSError when it cannot go on."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._sock = sock
        self._file = sock.makefile("rb")
        self._stopping = stopping

    # --- reading ---

    def first_line(self) -> tuple[str, str]:
        """Method and target of the next request, without taking a byte of it off the connection."""
        while True:
            waiting = self._sock.recv(LONGEST_LINE, socket.MSG_PEEK)
            line, newline, _rest = waiting.partition(b"\r\n")
            if newline:
                return _method_and_target(line)
            if not waiting or len(waiting) >= LONGEST_LINE or self._stopping.wait(0.002):
                raise Gone

    def read_head(self) -> Call:
        """The next request up to the empty line; its body is still to be read."""
        method, target = _method_and_target(self._line())
        headers: list[tuple[str, str]] = []
        while line := self._line():
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise Gone
            headers.append((name, value.strip()))
        parts = urlsplit(target)
        return Call(method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), tuple(headers))

    def read_body(self, call: Call) -> Call:
        """The same request with its body."""
        if "chunked" in call.header("Transfer-Encoding").lower():
            return replace(call, body=b"".join(iter(self._chunk, b"")))
        return replace(call, body=self._exactly(int(call.header("Content-Length") or 0)))

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise Gone
        return line.rstrip(b"\r\n")

    def _exactly(self, size: int) -> bytes:
        if not 0 <= size <= LONGEST_BODY:
            raise Gone
        data = self._file.read(size)
        if len(data) < size:
            raise Gone
        return data

    def _chunk(self) -> bytes:
        data = self._exactly(int(self._line().split(b";")[0], 16))
        self._line()
        return data

    # --- writing ---

    def write(self, reply: Reply) -> None:
        """Answer, whole and right."""
        self._sock.sendall(_head(reply) + reply.body)

    def write_with(self, fault: Fault, reply: Reply) -> None:
        """Answer as the fault has it. Raises Gone where the fault ends the connection."""
        match fault.kind:
            case Kind.DRIP_HEADERS:
                self._drip(_head(reply), fault.seconds)
                self._sock.sendall(reply.body)
            case Kind.DRIP_BODY:
                self._sock.sendall(_head(reply))
                self._drip(reply.body, fault.seconds)
            case Kind.CUT_BODY:
                self._sock.sendall(_head(reply) + reply.body[: fault.size or len(reply.body) // 2])
                self.close()
            case Kind.CUT_CHUNKED:
                part = reply.body[: fault.size or max(len(reply.body) // 2, 1)]
                self._sock.sendall(_head(reply, chunked=True) + b"%x\r\n%s\r\n" % (len(part), part))
                self.close()
            case Kind.GZIP_BOMB:
                body = gzip.compress(reply.body + b" " * (fault.size or 50_000_000))
                self.write(replace(reply, headers=(*reply.headers, ("Content-Encoding", "gzip")), body=body))
            case Kind.OVERSIZE:
                self.write(replace(reply, body=reply.body.ljust(fault.size or 2_000_000)))
            case Kind.STALE:
                self.write(reply)
                self.first_line()
                self.reset()
            case _:
                self.write(reply)

    def write_garbage(self, data: bytes) -> None:
        """Write these bytes as they are and close."""
        self._sock.sendall(data or b"\x16\x03\x01\x00\xff not HTTP \x00\r\n\r\n")
        self.close()

    def _drip(self, data: bytes, pause: float) -> None:
        for byte in data:
            self._sock.sendall(bytes((byte,)))
            self.pause(pause)

    # --- waiting and ending ---

    def pause(self, seconds: float) -> None:
        """Let time go by, whether or not the other side is still there; raises Gone when the emulator stops."""
        if self._stopping.wait(seconds):
            raise Gone

    def hang(self, seconds: float) -> None:
        """Say nothing until the other side goes or the time is over; then close."""
        until = time.monotonic() + (seconds or HOUR)
        while time.monotonic() < until and not self._stopping.is_set():
            readable, _, _ = select.select([self._sock], [], [], 0.05)
            if readable and not self._sock.recv(1, socket.MSG_PEEK):
                break
            self._stopping.wait(0.05 if readable else 0)
        self.close()

    def close(self) -> None:
        """Close the connection; raises Gone."""
        self._file.close()
        self._sock.close()
        raise Gone

    def reset(self) -> None:
        """Reset the connection (RST); raises Gone."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def _method_and_target(line: bytes) -> tuple[str, str]:
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Gone
    return words[0].upper(), words[1]


def _head(reply: Reply, *, chunked: bool = False) -> bytes:
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(reply.body)))
    headers: Headers = (*reply.headers, framing)
    lines = [f"HTTP/1.1 {reply.status} {reason(reply.status)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
