"""What comes back when a server answers: whole answers, cut ones, redirects, and nothing from the environment."""

from __future__ import annotations

import gzip
import threading

import pytest

from providers.http import Transport
from providers.types import Answer, WireRequest
from providers.wire import Stream
from tests.providers.clock import ALLOWED, Clock
from tests.providers.servers import PATIENCE, Peer, Server, answer, replying, replying_once
from tests.providers.transport.exchanges import JSON, LOOPBACK, Mark, post

# --- answers ------------------------------------------------------------------------------------


def test_the_exact_request_goes_out(transport: Transport) -> None:
    with Server(replying(answer(b"[]"))) as server:
        got = transport.exchange(
            WireRequest("POST", f"{server.url}/interactions/invoke?per=1", (("Accept", "application/json"), *JSON), b'{"a":1}'),
            authorization="Bearer abc",
        )
        transport.close()
        head, _, body = server.received.partition(b"\r\n\r\n")
    assert (got.status, got.body, got.complete) == (200, b"[]", True)
    assert got.header("content-length") == "2"
    assert body == b'{"a":1}'
    assert head.decode().split("\r\n") == [
        "POST /interactions/invoke?per=1 HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Accept: application/json",
        "Content-Type: application/json",
        "User-Agent: DispatchDesk/1.0",
        "Accept-Encoding: identity",
        "Authorization: Bearer abc",
        "Content-Length: 7",
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_without_body_says_nothing_of_its_length(transport: Transport, method: str) -> None:
    with Server(replying(answer())) as server:
        assert transport.exchange(WireRequest(method, f"{server.url}/", ())).status == 200
        transport.close()
        assert b"content-length" not in server.received.lower()


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "400 Bad", "401 No", "413 Big", "417 No", "429 Slow", "500 Oops", "599 Odd"]
)
def test_any_status_is_an_answer(transport: Transport, status: str) -> None:
    with Server(replying_once(answer(b"", status))) as server:
        assert transport.exchange(post(server.url)).status == int(status[:3])


def test_interim_answers_are_passed_over(transport: Transport) -> None:
    with Server(replying_once(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(b"yes"))) as server:
        assert transport.exchange(post(server.url)).body == b"yes"


def test_an_early_refusal_is_read_although_the_body_did_not_go_out(transport: Transport) -> None:
    def refuse(peer: Peer) -> None:
        peer.send(answer(b"too large", "413 Payload Too Large", "Connection: close"))
        peer.finish()

    with Server(refuse) as server:
        got = transport.exchange(post(server.url, b"x" * 5_000_000))
    assert (got.status, got.body) == (413, b"too large")


def test_header_bytes_outside_ascii_are_kept(transport: Transport) -> None:
    with Server(replying_once(b"HTTP/1.1 200 OK\r\nX-Odd: caf\xe9\r\nContent-Length: 0\r\n\r\n")) as server:
        assert transport.exchange(post(server.url)).header("x-odd") == "café"


def test_timing(transport: Transport) -> None:
    with Server(replying(answer())) as server:
        first, second = transport.exchange(post(server.url)), transport.exchange(post(server.url))
    assert 0 <= first.connected_ms <= first.took_ms
    assert second.connected_ms == 0  # no connection had to be made


# --- redirects, cookies, proxies -------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("location", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://[::1", "\x7f", "http://a b/"])
def test_a_redirect_is_an_answer_and_never_followed(transport: Transport, status: str, location: str) -> None:
    with (
        Server(replying(answer())) as canary,
        Server(replying_once(answer(b"", status, f"Location: {location.format(port=canary.port)}"))) as server,
    ):
        got = transport.exchange(post(server.url))
        assert got.status == int(status[:3])
        assert got.header("Location") == location.format(port=canary.port)
        assert canary.connections == 0


def test_cookies_are_not_kept(transport: Transport) -> None:
    with Server(replying(answer(b"", "200 OK", "Set-Cookie: session=1; Path=/"))) as server:
        transport.exchange(post(server.url))
        transport.exchange(post(server.url))
        transport.close()
        assert b"cookie" not in server.received.lower()


def test_proxies_of_the_environment_are_ignored(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(replying(answer())) as proxy, Server(replying(answer(b"direct"))) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        fresh = Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1000)
        assert fresh.exchange(post(server.url)).body == b"direct"
        fresh.close()
        assert proxy.connections == 0


# --- answers that are not whole ---------------------------------------------------------------------

GZIPPED = gzip.compress(b"0" * 5_000_000)


def chunked(*chunks: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (answer(b'{"id":', length=100), b'{"id":'),
        (chunked(b'{"id":', b"1"), b'{"id":1'),
        (chunked(b"abc") + b"ffff\r\nab", b"abcab"),
        (chunked(b"abc") + b"no chunk at all\r\n", b"abc"),
        (answer(GZIPPED, "200 OK", "Content-Encoding: gzip"), GZIPPED),
        (answer(b"not even gzip", "200 OK", "Content-Encoding: br"), b"not even gzip"),
        (answer(b"a" * 2_000_000), b"a" * 1_000_000),
        (chunked(*[b"a" * 65536] * 40), b"a" * 1_000_000),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1_000_001, b"a" * 1_000_000),
    ],
    ids=["length", "chunks", "inside chunk", "bad chunk", "gzip bomb", "brotli", "2 MB", "2 MB in chunks", "no length"],
)
def test_a_body_that_is_not_whole(transport: Transport, sent: bytes, body: bytes) -> None:
    with Server(replying_once(sent)) as server:
        got = transport.exchange(post(server.url))
    assert (got.status, got.complete) == (200, False)
    assert got.body == body


@pytest.mark.parametrize("sent", [answer(b"a" * 1_000_000), chunked(b"a" * 1_000_000, b""), b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 1_000_000])
def test_a_body_of_exactly_the_limit_is_whole(transport: Transport, sent: bytes) -> None:
    with Server(replying_once(sent)) as server:
        got = transport.exchange(post(server.url))
    assert (got.complete, len(got.body)) == (True, 1_000_000)


def test_an_identity_encoding_is_whole(transport: Transport) -> None:
    with Server(replying_once(answer(b"[]", "200 OK", "Content-Encoding: Identity"))) as server:
        assert transport.exchange(post(server.url)).complete


def test_a_body_that_breaks_off_with_a_reset(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(answer(b"abc", length=10))
        heard.wait(PATIENCE)
        peer.reset()

    def read(stream: Stream, max_bytes: int, timeout: float | None = None) -> bytes:
        received = original(stream, max_bytes, timeout)
        heard.set()
        return received

    heard, original, mark = threading.Event(), Stream.read, Mark()
    monkeypatch.setattr(Stream, "read", read)
    with Server(act) as server:
        got = transport.exchange(post(server.url), before_first_byte=mark)
    assert (got.status, got.complete, mark.written) == (200, False, 1)


def test_a_body_that_drips_past_the_deadline(transport: Transport, clock: Clock) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: 5000\r\n\r\n")
        peer.drip(b"a" * 5000)

    clock.run_out_while_waiting(lambda heard: heard.endswith(b"aaa"))
    with Server(act) as server:
        got = transport.exchange(post(server.url))
    assert (got.status, got.complete) == (201, False)
    assert 3 <= len(got.body) < 5000


def test_an_answer_shows_headers_whatever_their_case() -> None:
    got = Answer(200, (("RETRY-after", "3"),))
    assert (got.header("Retry-After"), got.header("none")) == ("3", "")
