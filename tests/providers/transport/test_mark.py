"""The durable mark: written once, before the first byte; refused, it lets nothing leave."""

from __future__ import annotations

import ssl

import httpcore
import pytest

from providers.errors import Cause, LostAnswer, NotSent
from providers.http import Transport
from tests.providers.clock import ALLOWED, Clock
from tests.providers.servers import Server, answer, replying
from tests.providers.transport.exchanges import Mark, failure, post


@pytest.mark.parametrize(
    "refusal",
    [
        ValueError("lease lost"),
        OSError("disk full"),
        TimeoutError("database"),
        ConnectionResetError(),
        httpcore.WriteError("swallowed?"),
        httpcore.ReadError(),
        httpcore.ConnectError(),
        httpcore.ConnectTimeout(),
        httpcore.RemoteProtocolError(),
        httpcore.LocalProtocolError(),
        NotSent(Cause.TOKEN, "nested"),
        LostAnswer(Cause.CLOSED, "nested"),
        ssl.SSLError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_when_the_mark_is_refused_nothing_leaves(transport: Transport, refusal: Exception) -> None:
    mark = Mark(refusal)
    with Server(replying(answer())) as server:
        error = failure(transport, post(server.url), mark)
        assert server.received == b""
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.MARK_REFUSED, 1)
    assert error.__cause__ is refusal


def test_when_the_mark_is_interrupted_nothing_leaves(transport: Transport) -> None:
    with Server(replying(answer())) as server:
        with pytest.raises(KeyboardInterrupt):
            transport.exchange(post(server.url), before_first_byte=Mark(KeyboardInterrupt()))
        assert server.received == b""


def test_the_mark_is_written_once_for_every_exchange(transport: Transport) -> None:
    marks = [Mark(), Mark(), Mark()]
    with Server(replying(answer())) as server:
        for mark in marks:
            transport.exchange(post(server.url, b"x" * 300_000), before_first_byte=mark)
        transport.exchange(post(server.url))
        assert server.connections == 1
    assert [mark.written for mark in marks] == [1, 1, 1]


def test_a_refused_mark_on_a_kept_connection_lets_nothing_through_later(transport: Transport) -> None:
    with Server(replying(answer())) as server:
        transport.exchange(post(server.url, b"first"))
        failure(transport, post(server.url, b"second"), Mark(ValueError()))
        transport.exchange(post(server.url, b"third"), before_first_byte=Mark())
        transport.close()
        received = server.received
    assert b"first" in received
    assert b"second" not in received
    assert b"third" in received


def test_the_mark_comes_before_the_first_byte(transport: Transport) -> None:
    with Server(replying(answer())) as server:

        def mark() -> None:
            seen.append([bytes(peer.received) for peer in server.peers])

        seen: list[list[bytes]] = []
        transport.exchange(post(server.url), before_first_byte=mark)
        transport.close()
        assert b"hello" in server.received
    assert b"".join(b"".join(moment) for moment in seen) == b""


def test_a_mark_that_takes_too_long_lets_nothing_leave(transport: Transport, clock: Clock) -> None:
    def mark() -> None:
        clock.ahead = ALLOWED

    with Server(replying(answer())) as server:
        with pytest.raises(NotSent) as caught:
            transport.exchange(post(server.url), before_first_byte=mark)
        assert server.received == b""
    assert caught.value.cause == Cause.DEADLINE
