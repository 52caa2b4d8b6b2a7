"""What the tests of the transport share: requests, marks, and servers that fail in ways of their own."""

from __future__ import annotations

import pytest

from providers.errors import LostAnswer, NotSent
from providers.http import Transport
from providers.outbound import Policy
from providers.types import WireRequest
from tests.providers.servers import Peer

LOOPBACK = Policy(("*.api.newvoicemedia.com",), loopback=True)
VENDOR = "https://emea.api.newvoicemedia.com/interactions/invoke"
JSON = (("Content-Type", "application/json"),)


class Mark:
    """A durable mark that counts how often it was written."""

    def __init__(self, refusal: BaseException | None = None) -> None:
        self.written = 0
        self._refusal = refusal

    def __call__(self) -> None:
        self.written += 1
        if self._refusal:
            raise self._refusal


def post(url: str, body: bytes = b'{"say":"hello"}', headers: tuple[tuple[str, str], ...] = JSON) -> WireRequest:
    return WireRequest("POST", url, headers, body)


def failure(transport: Transport, request: WireRequest, mark: Mark, fresh: bool = False) -> NotSent | LostAnswer:
    with pytest.raises((NotSent, LostAnswer)) as caught:
        transport.exchange(request, before_first_byte=mark, fresh_connection=fresh)
    error = caught.value
    assert isinstance(error, NotSent | LostAnswer)
    return error


def closes_before_reading(peer: Peer) -> None:
    """Nothing is read: the close turns into a reset."""


def resets_after_reading(peer: Peer) -> None:
    peer.request()
    peer.reset()


def closes_inside_the_head(peer: Peer) -> None:
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    peer.finish()


def hangs(peer: Peer) -> None:
    peer.request()
    peer.hold()


def reads_nothing(peer: Peer) -> None:
    peer.hold()


def drips_the_head(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 500)
