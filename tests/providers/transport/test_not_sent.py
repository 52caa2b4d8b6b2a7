"""Exchanges of which provably not one byte left."""

from __future__ import annotations

import socket
import threading

import pytest

from providers.errors import Cause, NotSent
from providers.http import Transport
from tests.ports import free_port
from tests.providers.clock import ALLOWED, Clock
from tests.providers.servers import PATIENCE, Server, answer, replying
from tests.providers.transport.exchanges import LOOPBACK, VENDOR, Mark, failure, post


def test_a_refused_connection(transport: Transport) -> None:
    mark, port = Mark(), free_port()
    error = failure(transport, post(f"http://127.0.0.1:{port}/"), mark)
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.CONNECT, 0)
    assert str(error) == f"The connection was refused by 127.0.0.1:{port}."


def test_a_connection_that_does_not_come_about_in_time(clock: Clock) -> None:
    def resolve(host: str, port: int) -> list[str]:
        clock.run_out()
        return ["127.0.0.1"]

    mark, transport = Mark(), Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1, resolve=resolve)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [_nonblocking_connection(port) for _ in range(8)]
        error = failure(transport, post(f"http://127.0.0.1:{port}/"), mark)
        for sock in waiting:
            sock.close()
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.CONNECT, 0)
    assert str(error) == f"No connection to 127.0.0.1:{port} within 60 s."


def _nonblocking_connection(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    return sock


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (socket.EAI_NONAME, "The name emea.api.newvoicemedia.com is unknown."),
        (socket.EAI_AGAIN, "The name emea.api.newvoicemedia.com cannot be looked up at the moment."),
    ],
)
def test_a_name_that_cannot_be_looked_up(number: int, sentence: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(number, "resolver's words")

    mark = Mark()
    error = failure(Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1, resolve=resolve), post(VENDOR), mark)
    assert isinstance(error, NotSent)
    assert (error.cause, str(error), mark.written) == (Cause.NAME_LOOKUP, sentence, 0)


def test_a_name_that_is_really_unknown(transport: Transport) -> None:
    error = failure(transport, post("https://no-such-name.invalid.api.newvoicemedia.com/"), Mark())
    assert isinstance(error, NotSent)
    assert error.cause in (Cause.NAME_LOOKUP, Cause.FORBIDDEN_ADDRESS)


def test_a_look_up_that_hangs_is_abandoned() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(PATIENCE)
        return ["127.0.0.1"]

    mark = Mark()
    error = failure(Transport(LOOPBACK, deadline=0.2, answer_limit=1, resolve=resolve), post(VENDOR), mark)
    assert not over.is_set()
    over.set()
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.NAME_LOOKUP, 0)
    assert str(error) == "The name emea.api.newvoicemedia.com could not be looked up within 0.2 s."


@pytest.mark.parametrize(
    "headers",
    [
        (("X-Bad", "line\r\nX-Injected: yes"),),
        (("X-Bad", "nul\x00"),),
        (("Bad Name", "x"),),
        (("X-Bad", "\ud800"),),
        (("X-Bad", "漢"),),
        (("X-Bad", " leading space"),),
    ],
)
def test_a_header_that_http_cannot_carry(transport: Transport, headers: tuple[tuple[str, str], ...]) -> None:
    mark = Mark()
    with Server(replying(answer())) as server:
        error = failure(transport, post(server.url, headers=headers), mark)
        transport.close()
        assert server.received == b""
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.ILLEGAL_REQUEST, 0)


@pytest.mark.parametrize(
    "name", ["Expect", "expect", "Host", "Authorization", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding"]
)
def test_headers_that_only_the_transport_may_set(transport: Transport, name: str) -> None:
    with Server(replying(answer())) as server:
        error = failure(transport, post(server.url, headers=((name, "100-continue"),)), Mark())
        assert server.connections == 0
    assert isinstance(error, NotSent)
    assert error.cause == Cause.ILLEGAL_REQUEST
