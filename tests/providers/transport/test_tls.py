"""TLS: whom the transport believes, and what leaves when it does not."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from providers.errors import Cause, NotSent
from providers.http import Transport, tls_context
from tests.providers.clock import ALLOWED, Clock
from tests.providers.servers import Certificates, Peer, Server, answer, replying
from tests.providers.transport.exchanges import LOOPBACK, Mark, closes_before_reading, failure, post, reads_nothing


def test_tls_to_the_vetted_address_with_the_name_as_sni_and_host(certificates: Certificates) -> None:
    names: list[str | None] = []
    context = certificates.server("localhost")
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    transport = Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1000, authorities=certificates.authority, resolve=resolve)
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
def test_a_handshake_that_does_not_end_in_time(clock: Clock, act: Callable[[Peer], None]) -> None:
    def resolve(host: str, port: int) -> list[str]:
        clock.run_out()
        return ["127.0.0.1"]

    mark, transport = Mark(), Transport(LOOPBACK, deadline=ALLOWED, answer_limit=1, resolve=resolve)
    with Server(act) as server:
        error = failure(transport, post(f"https://localhost:{server.port}/"), mark)
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
