"""Connections that are kept for the next exchange, and those that went stale meanwhile."""

from __future__ import annotations

import threading
import time

import pytest

from providers.errors import Cause, NotSent
from providers.http import Transport
from tests.providers.clock import ALLOWED
from tests.providers.servers import PATIENCE, Peer, Server, answer, replying, replying_once
from tests.providers.transport.exchanges import (
    Mark,
    closes_before_reading,
    closes_inside_the_head,
    drips_the_head,
    failure,
    hangs,
    post,
    resets_after_reading,
)


def test_a_connection_is_used_again(transport: Transport) -> None:
    with Server(replying(answer())) as server:
        for _ in range(3):
            transport.exchange(post(server.url))
        assert server.connections == 1


def test_a_fresh_connection_is_neither_reused_nor_left(transport: Transport) -> None:
    with Server(replying(answer())) as server:
        transport.exchange(post(server.url))
        transport.exchange(post(server.url), fresh_connection=True)
        assert server.connections == 2
        transport.exchange(post(server.url))
        assert server.connections == 3
        transport.close()
        assert server.received.count(b"Connection: close") == 1


def test_a_connection_that_the_server_closed_is_not_used_again(transport: Transport) -> None:
    with Server(replying_once(answer())) as server:
        marks = [Mark(), Mark()]
        for mark in marks:
            assert transport.exchange(post(server.url), before_first_byte=mark).status == 200
            wait_until_closed(transport)
        assert server.connections == 2
    assert [mark.written for mark in marks] == [1, 1]


def wait_until_closed(transport: Transport) -> None:
    """Until the server's close of the idle connection has reached us."""
    deadline = time.monotonic() + PATIENCE
    while any(not connection.has_expired() for connection in transport._pool._pool.connections) and time.monotonic() < deadline:
        time.sleep(0.005)


def test_a_connection_that_goes_stale_while_the_mark_is_written_is_not_in_doubt(transport: Transport) -> None:
    close, closed = threading.Event(), threading.Event()

    def act(peer: Peer) -> None:
        peer.request()
        peer.send(answer())
        close.wait(PATIENCE)
        peer.close()
        closed.set()

    def mark() -> None:
        close.set()
        closed.wait(PATIENCE)

    with Server(act) as server:
        transport.exchange(post(server.url))
        with pytest.raises(NotSent) as caught:
            transport.exchange(post(server.url), before_first_byte=mark)
        assert server.connections == 1
    assert caught.value.cause == Cause.CLOSED


def test_after_every_failure_the_transport_still_works(hasty: Transport) -> None:
    for act in (closes_before_reading, resets_after_reading, hangs, drips_the_head, closes_inside_the_head):
        with Server(act) as bad, Server(replying(answer(b"good"))) as good:
            failure(hasty, post(bad.url), Mark())
            assert hasty.exchange(post(good.url), deadline=ALLOWED).body == b"good"
