"""The emulator as one server on loopback: all vendors under their prefixes, faults between them and the wire."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from providers.sandbox.control import control
from providers.sandbox.faults import Fault, Faults, Kind
from providers.sandbox.ledger import Counters, Ledger, Recorded, Requests
from providers.sandbox.types import Call, Reply, text_reply
from providers.sandbox.wire import Gone, Wire
from providers.sandbox.world import Handler, World, handlers

HOST = "127.0.0.1"
log = logging.getLogger("sandbox")


class Sandbox:
    """All vendors on one port of 127.0.0.1.

        with Sandbox() as box:
            connect_to(box.address("vonage"))
            box.faults.add(Fault(Kind.RESET, vendor="vonage", effect=True))
            assert len(box.ledger.effects("vonage")) == 1

    Leaving the block raises RuntimeError when a vendor's part failed: a fault of the emulator must not pass for the vendor's.
    """

    def __init__(
        self, port: int = 0, ledger_file: Path | None = None, *, remember: int = 20_000, parts: Mapping[str, Handler] | None = None
    ) -> None:
        """Bind the port (0 for a free one); raises OSError when it is taken. `remember`: how many of the latest requests are kept."""
        self.handlers = dict(handlers() if parts is None else parts)
        self._server = _Server(self, port)
        self.ledger = Ledger(ledger_file)
        self.faults = Faults()
        self.recorded = Requests(remember)
        self.world = World(self.ledger, self.recorded)
        self.failures: list[str] = []
        """What vendors' parts failed with."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def address(self, vendor: str) -> str:
        """The address of that vendor in the emulator, without a slash at the end."""
        return f"{self.url}/{vendor}"

    def requests(self, vendor: str = "", path: str = "*") -> list[Recorded]:
        """The requests that arrived, oldest first; of that vendor and path pattern where given."""
        return self.recorded.all(vendor, path)

    def counters(self, vendor: str, path: str = "*") -> Counters:
        """How many calls there were, at once and in a second, and the largest body."""
        return self.recorded.counters(vendor, path)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()
        self.ledger.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if self.failures and error is None:
            raise RuntimeError(f"The sandbox failed: {self.failures}")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, box: Sandbox, port: int) -> None:
        self.box = box
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), _Connection)

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Serve one connection, from its own thread."""
        assert isinstance(request, socket.socket)
        self._open.add(request)
        try:
            _Connection(request, client_address, self)
        finally:
            self._open.discard(request)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without the polite shutdown: a fault may have closed already."""
        self.close_request(request)

    def drop_connections(self) -> None:
        """Wake every thread that waits for a byte."""
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        """Answer one request after the other until one side closes."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = Wire(self.request, self.server.stopping)
        with suppress(Gone, OSError, ValueError):
            while _exchange(self.server.box, wire):
                pass


def _exchange(box: Sandbox, wire: Wire) -> bool:
    """One request and its answer; returns whether the connection stays open."""
    method, target = wire.first_line()
    vendor, path = split(target.partition("?")[0])
    fault = box.faults.strike(vendor, method, path) if vendor in box.handlers else None
    if fault and fault.kind is Kind.UNREAD:
        wire.close()
    call = wire.read_head()
    if fault and fault.kind is Kind.RESET_IN_BODY:
        wire.reset()
    call = wire.read_body(call)
    if vendor in box.handlers:
        _serve(box, wire, vendor, replace(call, path=path), fault)
    else:
        wire.write(_elsewhere(box, call))
    return call.header("Connection").lower() != "close"


def split(path: str) -> tuple[str, str]:
    """The vendor's prefix of a path, and the rest with its slash."""
    vendor, _slash, rest = path.removeprefix("/").partition("/")
    return vendor, f"/{rest}"


def _elsewhere(box: Sandbox, call: Call) -> Reply:
    if call.path.startswith("/_sandbox/"):
        return control(box, call)
    vendors = ", ".join(f"/{vendor}" for vendor in sorted(box.handlers))
    return text_reply(200 if call.path == "/" else 404, f"Dispatch Desk's sandbox. It answers under {vendors} and /_sandbox/.")


def _serve(box: Sandbox, wire: Wire, vendor: str, call: Call, fault: Fault | None) -> None:
    number = box.recorded.begin(vendor, call, fault.kind if fault else "")
    try:
        if fault is None:
            reply = _handle(box, vendor, call)
            box.recorded.end(number, reply.status)  # before the answer: the caller may call again as soon as it has it
            wire.write(reply)
        else:
            _serve_under(fault, number, box, wire, vendor, call)
    finally:
        box.recorded.end(number)


def _serve_under(fault: Fault, number: int, box: Sandbox, wire: Wire, vendor: str, call: Call) -> None:
    reply = _under(fault, box, wire, vendor, call)
    if fault.kind not in (Kind.DRIP_HEADERS, Kind.DRIP_BODY):
        box.recorded.end(number, reply.status)
    wire.write_with(fault, reply)
    box.recorded.end(number, reply.status)


def _under(fault: Fault, box: Sandbox, wire: Wire, vendor: str, call: Call) -> Reply:
    """The answer that is to be written; raises Gone when there is none."""
    if fault.kind is Kind.DELAY:
        return _delayed(fault, box, wire, vendor, call)
    real = _handle(box, vendor, call) if fault.works_first else None
    match fault.kind:
        case Kind.CLOSE:
            wire.close()
        case Kind.RESET:
            wire.reset()
        case Kind.HANG:
            wire.hang(fault.seconds)
        case Kind.GARBAGE:
            wire.write_garbage(fault.body)
    return fault.reply(real)


def _delayed(fault: Fault, box: Sandbox, wire: Wire, vendor: str, call: Call) -> Reply:
    if not fault.works_first:
        wire.pause(fault.seconds)
    reply = _handle(box, vendor, call)
    if fault.works_first:
        wire.pause(fault.seconds)
    return reply


def _handle(box: Sandbox, vendor: str, call: Call) -> Reply:
    try:
        return box.handlers[vendor](call, box.world)
    except Exception as error:
        log.exception("The sandbox's part for %s failed.", vendor)
        box.failures.append(f"{vendor} {call.method} {call.path}: {error!r}")
        return text_reply(500, "The sandbox failed; this is not the vendor's answer.")
