"""Exchanges whose bytes left and whose answer never came: lost, never repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from providers.errors import Cause, LostAnswer
from providers.http import Transport
from tests.providers.clock import Clock
from tests.providers.servers import Peer, Server, replying_once
from tests.providers.transport.exchanges import (
    Mark,
    closes_before_reading,
    closes_inside_the_head,
    drips_the_head,
    failure,
    hangs,
    post,
    reads_nothing,
    resets_after_reading,
)


def closes_after_reading(peer: Peer) -> None:
    peer.request()


def only_interim_answers(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 102 Processing\r\n\r\n" * 500)


@pytest.mark.parametrize("act", [closes_before_reading, resets_after_reading, closes_after_reading])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_connection_that_closes_without_an_answer(transport: Transport, act: Callable[[Peer], None], fresh: bool) -> None:
    mark = Mark()
    with Server(act) as server:
        error = failure(transport, post(server.url), mark, fresh)
        assert server.connections == 1  # never repeated
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.CLOSED, 1)
    assert str(error) == f"127.0.0.1:{server.port} closed the connection without answering."


def test_a_connection_that_closes_inside_the_head(transport: Transport) -> None:
    with Server(closes_inside_the_head) as server:
        error = failure(transport, post(server.url), Mark())
    assert isinstance(error, LostAnswer)
    assert (error.cause, str(error)) == (Cause.CLOSED, f"127.0.0.1:{server.port} broke off in the middle of its answer.")


@pytest.mark.parametrize("act", [hangs, drips_the_head, only_interim_answers])
def test_an_answer_that_does_not_come_in_time(transport: Transport, clock: Clock, act: Callable[[Peer], None]) -> None:
    mark = Mark()
    clock.run_out_while_waiting()
    with Server(act) as server:
        error = failure(transport, post(server.url), mark)
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.DEADLINE, 1)
    assert str(error) == f"No answer from 127.0.0.1:{server.port} within 60 s."
    assert error.took_ms >= 60_000


def test_a_request_that_is_not_taken_in_time(transport: Transport, clock: Clock) -> None:
    mark = Mark()
    clock.run_out_while_sending()
    with Server(reads_nothing) as server:
        error = failure(transport, post(server.url, b"x" * 50_000_000), mark)
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.DEADLINE, 1)
    assert str(error) == f"The request could not be handed to 127.0.0.1:{server.port} within 60 s."


def test_the_deadline_of_one_exchange_can_be_shorter(transport: Transport, clock: Clock) -> None:
    clock.run_out_while_waiting()
    with Server(hangs) as server, pytest.raises(LostAnswer, match=r"within 59\.8 s"):
        transport.exchange(post(server.url), deadline=59.8)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nunasked",
        b"<html>captive portal</html>\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 50_000 + b"\r\n",
        b"\x00" * 200_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n",
    ],
)
def test_something_that_is_not_http(transport: Transport, garbage: bytes) -> None:
    mark = Mark()
    with Server(replying_once(garbage)) as server:
        error = failure(transport, post(server.url), mark)
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.GARBLED, 1)
    assert str(error) == f"127.0.0.1:{server.port} answered with something that is not HTTP."
