"""What an exchange proves, against real sockets: an answer, not sent, or lost."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import httpcore
import pytest

from providers.errors import Cause, LostAnswer, NotSent
from providers.http import Transport, tls_context
from providers.outbound import Policy
from providers.types import Answer, WireRequest
from tests.providers.servers import Certificates, Peer, Server, answer, free_port, replying, replying_once

LOOPBACK = Policy(("*.api.newvoicemedia.com",), loopback=True)
VENDOR = "https://emea.api.newvoicemedia.com/interactions/invoke"
JSON = (("Content-Type", "application/json"),)


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport with time enough for a busy machine."""
    transport = Transport(LOOPBACK, deadline=10, answer_limit=1_000_000)
    yield transport
    transport.close()


@pytest.fixture
def hasty() -> Iterator[Transport]:
    """A transport for servers that never finish."""
    transport = Transport(LOOPBACK, deadline=0.4, answer_limit=1_000_000)
    yield transport
    transport.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


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
        fresh = Transport(LOOPBACK, deadline=10, answer_limit=1000)
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


def test_a_body_that_breaks_off_with_a_reset(transport: Transport) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(answer(b"abc", length=10))
        read.wait(10)
        peer.reset()

    read = threading.Event()
    mark = Mark()
    with Server(act) as server:
        threading.Timer(0.2, read.set).start()
        got = transport.exchange(post(server.url), before_first_byte=mark)
    assert (got.status, got.complete, mark.written) == (200, False, 1)


def test_a_body_that_drips_past_the_deadline(hasty: Transport) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: 5000\r\n\r\n")
        peer.drip(b"a" * 5000)

    with Server(act) as server:
        got = hasty.exchange(post(server.url))
    assert (got.status, got.complete) == (201, False)
    assert 0 < len(got.body) < 5000


# --- lost -------------------------------------------------------------------------------------------


def closes_before_reading(peer: Peer) -> None:
    """Nothing is read: the close turns into a reset."""


def resets_after_reading(peer: Peer) -> None:
    peer.request()
    peer.reset()


def closes_after_reading(peer: Peer) -> None:
    peer.request()


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
def test_an_answer_that_does_not_come_in_time(hasty: Transport, act: Callable[[Peer], None]) -> None:
    mark = Mark()
    with Server(act) as server:
        error = failure(hasty, post(server.url), mark)
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.DEADLINE, 1)
    assert str(error) == f"No answer from 127.0.0.1:{server.port} within 0.4 s."
    assert error.took_ms >= 400


def test_a_request_that_is_not_taken_in_time(hasty: Transport) -> None:
    mark = Mark()
    with Server(reads_nothing) as server:
        error = failure(hasty, post(server.url, b"x" * 50_000_000), mark)
    assert isinstance(error, LostAnswer)
    assert (error.cause, mark.written) == (Cause.DEADLINE, 1)
    assert str(error) == f"The request could not be handed to 127.0.0.1:{server.port} within 0.4 s."


def test_the_deadline_of_one_exchange_can_be_shorter(transport: Transport) -> None:
    with Server(hangs) as server, pytest.raises(LostAnswer, match=r"within 0\.2 s"):
        transport.exchange(post(server.url), deadline=0.2)


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


# --- not sent ----------------------------------------------------------------------------------------


def test_a_refused_connection(transport: Transport) -> None:
    mark, port = Mark(), free_port()
    error = failure(transport, post(f"http://127.0.0.1:{port}/"), mark)
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.CONNECT, 0)
    assert str(error) == f"The connection was refused by 127.0.0.1:{port}."


def test_a_connection_that_does_not_come_about_in_time(hasty: Transport) -> None:
    mark = Mark()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [_nonblocking_connection(port) for _ in range(8)]
        error = failure(hasty, post(f"http://127.0.0.1:{port}/"), mark)
        for sock in waiting:
            sock.close()
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.CONNECT, 0)
    assert str(error) == f"No connection to 127.0.0.1:{port} within 0.4 s."


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
    error = failure(Transport(LOOPBACK, deadline=10, answer_limit=1, resolve=resolve), post(VENDOR), mark)
    assert isinstance(error, NotSent)
    assert (error.cause, str(error), mark.written) == (Cause.NAME_LOOKUP, sentence, 0)


def test_a_name_that_is_really_unknown(transport: Transport) -> None:
    error = failure(transport, post("https://no-such-name.invalid.api.newvoicemedia.com/"), Mark())
    assert isinstance(error, NotSent)
    assert error.cause in (Cause.NAME_LOOKUP, Cause.FORBIDDEN_ADDRESS)


def test_a_look_up_that_hangs_is_abandoned() -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(10)
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


# --- the durable mark -------------------------------------------------------------------------------


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


def test_a_mark_that_takes_too_long_lets_nothing_leave(hasty: Transport) -> None:
    with Server(replying(answer())) as server:
        with pytest.raises(NotSent) as caught:
            hasty.exchange(post(server.url), before_first_byte=lambda: time.sleep(0.5))
        assert server.received == b""
    assert caught.value.cause == Cause.DEADLINE


# --- connections that are kept ----------------------------------------------------------------------


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
    deadline = time.monotonic() + 10
    while any(not connection.has_expired() for connection in transport._pool._pool.connections) and time.monotonic() < deadline:
        time.sleep(0.005)


def test_a_connection_that_goes_stale_while_the_mark_is_written_is_not_in_doubt(transport: Transport) -> None:
    close, closed = threading.Event(), threading.Event()

    def act(peer: Peer) -> None:
        peer.request()
        peer.send(answer())
        close.wait(10)
        peer.close()
        closed.set()

    def mark() -> None:
        close.set()
        closed.wait(10)

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
            assert hasty.exchange(post(good.url), deadline=10).body == b"good"


# --- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture
def trusting(certificates: Certificates) -> Iterator[Transport]:
    transport = Transport(LOOPBACK, deadline=10, answer_limit=1000, authorities=certificates.authority)
    yield transport
    transport.close()


def test_tls_to_the_vetted_address_with_the_name_as_sni_and_host(certificates: Certificates) -> None:
    names: list[str | None] = []
    context = certificates.server("localhost")
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    transport = Transport(LOOPBACK, deadline=10, answer_limit=1000, authorities=certificates.authority, resolve=resolve)
    with Server(replying(answer(b"safe")), tls=context) as server:
        mark = Mark()
        got = transport.exchange(post(f"https://localhost:{server.port}/"), before_first_byte=mark)
        again = transport.exchange(post(f"https://localhost:{server.port}/"))
        transport.close()
        assert f"Host: localhost:{server.port}".encode() in server.received
    assert (got.body, again.body, mark.written) == (b"safe", b"safe", 1)
    assert (names, asked) == (["localhost"], ["localhost"])


def test_a_refused_mark_over_tls(trusting: Transport, certificates: Certificates) -> None:
    with Server(replying(answer()), tls=certificates.server()) as server:
        error = failure(trusting, post(f"https://localhost:{server.port}/"), Mark(ValueError("fenced")))
        assert server.received == b""
    assert error.cause == Cause.MARK_REFUSED


@pytest.mark.parametrize(
    ("name", "days", "self_signed", "said"),
    [
        ("other.example", (-1, 1), False, "the certificate is for another host"),
        ("127.0.0.2", (-1, 1), False, "the certificate is for another host"),
        ("localhost", (-9, -1), False, "the certificate has expired"),
        ("localhost", (1, 2), False, "the certificate is not valid yet"),
        ("localhost", (-1, 1), True, "the certificate is self-signed"),
    ],
)
def test_a_certificate_that_is_wrong(
    trusting: Transport, certificates: Certificates, name: str, days: tuple[int, int], self_signed: bool, said: str
) -> None:
    mark = Mark()
    with Server(replying(answer()), tls=certificates.server(name, days=days, self_signed=self_signed)) as server:
        error = failure(trusting, post(f"https://localhost:{server.port}/"), mark)
        assert server.received == b""
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.TLS, 0)
    assert str(error) == f"TLS with localhost:{server.port}: {said}."


def test_a_certificate_of_an_unknown_authority(transport: Transport, certificates: Certificates) -> None:
    with Server(replying(answer()), tls=certificates.server()) as server:
        error = failure(transport, post(f"https://localhost:{server.port}/"), Mark())
    assert (error.cause, str(error)) == (Cause.TLS, f"TLS with localhost:{server.port}: the certificate comes from an unknown authority.")


def test_a_certificate_for_an_address(trusting: Transport, certificates: Certificates) -> None:
    with Server(replying(answer(b"by address")), tls=certificates.server("127.0.0.1")) as server:
        assert trusting.exchange(post(server.url)).body == b"by address"


def test_a_server_with_outdated_tls(trusting: Transport, certificates: Certificates) -> None:
    context = certificates.server()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    mark = Mark()
    with Server(replying(answer()), tls=context) as server:
        error = failure(trusting, post(f"https://localhost:{server.port}/"), mark)
    assert (error.cause, mark.written) == (Cause.TLS, 0)
    assert isinstance(error, NotSent)


def test_a_server_that_does_not_speak_tls(trusting: Transport) -> None:
    def act(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.finish()

    with Server(act) as server:
        error = failure(trusting, post(f"https://localhost:{server.port}/"), Mark())
    assert (error.cause, str(error)) == (Cause.TLS, f"TLS with localhost:{server.port}: the server does not speak TLS there.")


def test_a_server_that_closes_during_the_handshake(trusting: Transport) -> None:
    mark = Mark()
    with Server(closes_before_reading) as server:
        error = failure(trusting, post(f"https://localhost:{server.port}/"), mark)
    assert isinstance(error, NotSent)
    assert (error.cause, mark.written) == (Cause.CONNECT, 0)
    assert str(error) == f"localhost:{server.port} closed the connection during the TLS handshake."


def drips_a_handshake(peer: Peer) -> None:
    peer.drip(b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc" + b"\x03" * 9000)


@pytest.mark.parametrize("act", [reads_nothing, drips_a_handshake])
def test_a_handshake_that_does_not_end_in_time(hasty: Transport, act: Callable[[Peer], None]) -> None:
    mark = Mark()
    with Server(act) as server:
        error = failure(hasty, post(f"https://localhost:{server.port}/"), mark)
    assert isinstance(error, NotSent)
    assert mark.written == 0
    assert error.cause in (Cause.CONNECT, Cause.TLS)


def test_a_body_without_length_that_ends_without_tls_goodbye_is_not_whole(trusting: Transport, certificates: Certificates) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n[]")
        peer.close()  # no close_notify: a cut looks just like this

    with Server(act, tls=certificates.server()) as server:
        got = trusting.exchange(post(f"https://localhost:{server.port}/"))
    assert (got.status, got.body, got.complete) == (200, b"[]", False)


def test_verification_cannot_be_weakened_by_the_environment(monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    tls_context.cache_clear()
    context = tls_context()
    tls_context.cache_clear()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert "Test authority" not in str(context.get_ca_certs())


# --- logs --------------------------------------------------------------------------------------------

SENTINELS = ("s3cr3t-token", "+14155550100", "14155550100", "private words", "id=42")


def test_one_line_per_exchange_without_secrets(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Server(replying(answer(b"private words"))) as server:
        transport.exchange(
            post(f"{server.url}/apps/api/v1/sms/+14155550100?id=42", b'{"to":"+14155550100","message":"private words"}'),
            authorization="Basic s3cr3t-token",
        )
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("providers.http", "INFO")
    assert record.getMessage().startswith(f"POST 127.0.0.1:{server.port}/apps/api/v1/sms/+1 415-•••-0100: 200 in ")
    assert record.getMessage().endswith(" ms, 13 bytes")
    assert (record.__dict__["status"], record.__dict__["bytes"], record.__dict__["host"]) == (200, 13, f"127.0.0.1:{server.port}")
    assert not [sentinel for sentinel in SENTINELS if sentinel in str(record.__dict__)]


def test_one_line_for_a_failure(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    failure(transport, post(f"http://127.0.0.1:{port}/a?id=42"), Mark())
    (record,) = caplog.records
    assert record.getMessage().startswith(f"POST 127.0.0.1:{port}/a: connect in ")


def test_a_refused_address_is_logged(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failure(transport, post("https://evil.example/?id=42"), Mark())
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "evil.example" in record.getMessage()
    assert "id=42" not in record.getMessage()


def test_an_answer_shows_headers_whatever_their_case() -> None:
    got = Answer(200, (("RETRY-after", "3"),))
    assert (got.header("Retry-After"), got.header("none")) == ("3", "")
