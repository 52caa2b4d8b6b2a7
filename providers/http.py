"""The only user of httpx: sends one exact request and tells what became of it.

httpx is used at the level of its transports, without `httpx.Client`: the client keeps cookies, reads the environment,
logs whole addresses, and breaks off at a redirect whose Location it cannot read, although a status was received.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpcore
import httpx
from django.utils.translation import gettext as _

from providers.errors import Cause, LostAnswer, NotSent
from providers.outbound import Policy
from providers.redact import scrub
from providers.types import Answer, WireRequest
from providers.wire import Exchange, Resolver, Trouble, Wire, system_addresses

USER_AGENT = "DispatchDesk/1.0"
KEEP_ALIVE = 3.0
"""Seconds an idle connection is kept: less than servers usually do, so that we close first."""
CONNECTIONS = 4
"""Hosts that one transport stays connected to at most: the API, the token server, and two to spare."""
OURS = frozenset({"accept-encoding", "authorization", "connection", "content-length", "expect", "host", "transfer-encoding", "user-agent"})
"""Headers that the transport sets or never sends (a `100-continue` is answered 417 by VCC)."""

log = logging.getLogger("providers.http")


class Transport:
    """Sends requests and reads answers, for one thread.

    `deadline`: seconds for a whole exchange, from the name look-up to the last byte of the answer. `answer_limit`: bytes
    of an answer that are read. `authorities`: a PEM file of certificate authorities trusted besides the public ones.
    `resolve`: how names are looked up.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        deadline: float,
        answer_limit: int,
        authorities: Path | None = None,
        resolve: Resolver = system_addresses,
    ) -> None:
        self._policy = policy
        self._deadline = deadline
        self._limit = answer_limit
        self._wire = Wire(policy, resolve)
        self._pool = _Pool(self._wire, tls_context(authorities))

    def exchange(
        self,
        request: WireRequest,
        *,
        authorization: str = "",
        before_first_byte: Callable[[], None] | None = None,
        fresh_connection: bool = False,
        deadline: float | None = None,
    ) -> Answer:
        """The answer to a request; any status, redirects included, is an answer.

        `before_first_byte` runs once the connection stands, right before the first byte of the request is written; if it
        raises, nothing leaves. `fresh_connection` neither uses nor leaves a connection that is kept alive. A body that was
        cut, too large, compressed or late gives an answer that is not `complete`.
        Raises NotConfigured, NotSent when provably no byte left, LostAnswer when bytes left and no status line came back.
        """
        self._check(request.url)
        message = _message(request, authorization, fresh_connection)
        exchange = Exchange(_place(message.url), self._deadline if deadline is None else deadline, before_first_byte)
        self._wire.exchange = exchange
        if fresh_connection:
            self._pool.close()
        try:
            answer = self._converse(message, exchange)
        except (Trouble, httpcore.ProtocolError) as error:
            failure = _failure(exchange, error)
            _record(message, str(failure.cause), failure.took_ms, 0)
            raise failure from (getattr(error, "origin", None) or error)
        _record(message, answer.status, answer.took_ms, len(answer.body))
        return answer

    def close(self) -> None:
        """Close the connections that are kept alive. The transport can still be used."""
        self._pool.close()

    def _check(self, url: str) -> None:
        try:
            self._policy.check(url, query=True)
        except NotSent as refusal:
            log.warning("Not called: %s", refusal)
            raise

    def _converse(self, message: httpx.Request, exchange: Exchange) -> Answer:
        response = self._pool.handle_request(message)
        try:
            body, complete = _body(response, self._limit)
        finally:
            response.close()
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        return Answer(response.status_code, headers, body, complete, exchange.connected_ms, exchange.elapsed_ms())


class _Pool(httpx.BaseTransport):
    """httpx's transport over our own sockets, without translating their errors."""

    def __init__(self, wire: Wire, context: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            context, max_connections=CONNECTIONS, keepalive_expiry=KEEP_ALIVE, retries=0, network_backend=wire
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The status and headers of the answer; its body is read from the stream."""
        at = request.url
        url = httpcore.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path)
        answer = self._pool.handle_request(httpcore.Request(request.method, url, headers=request.headers.raw, content=request.content))
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    """The bytes of an answer's body as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@cache
def tls_context(authorities: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer with verified certificates; there is no way to switch the verification off."""
    context = httpx.create_ssl_context(verify=True, trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities:
        context.load_verify_locations(cafile=authorities)
    return context


def _message(request: WireRequest, authorization: str, fresh_connection: bool) -> httpx.Request:
    """The request with the headers that are the transport's to set."""
    for name, _value in request.headers:
        if name.lower() in OURS:
            raise NotSent(Cause.ILLEGAL_REQUEST, _("The request sets the header %s, which is not its own to set.") % name)
    headers = [*request.headers, ("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
    if authorization:
        headers.append(("Authorization", authorization))
    if fresh_connection:
        headers.append(("Connection", "close"))
    try:
        return httpx.Request(request.method, request.url, headers=headers, content=request.body or None)
    except (UnicodeError, httpx.InvalidURL) as error:
        raise NotSent(Cause.ILLEGAL_REQUEST, _("The request has a header or an address that HTTP cannot carry.")) from error


def _place(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")


def _body(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The bytes of the body up to the limit, as they were sent, and whether they are the whole and in plain."""
    body = bytearray()
    plain = response.headers.get("Content-Encoding", "identity").strip().lower() in ("identity", "")
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > limit:
                return bytes(body[:limit]), False
    except (Trouble, httpcore.ProtocolError):
        return bytes(body), False
    return bytes(body), plain


def _failure(exchange: Exchange, error: Trouble | httpcore.ProtocolError) -> NotSent | LostAnswer:
    """What an exchange without an answer proves: by whether bytes had left, not by the kind of error."""
    trouble = error if isinstance(error, Trouble) else _garbled(exchange)
    return (LostAnswer if exchange.left else NotSent)(trouble.cause, str(trouble), exchange.elapsed_ms())


def _garbled(exchange: Exchange) -> Trouble:
    """The side that did not keep to HTTP."""
    if not exchange.left:
        return exchange.trouble(Cause.ILLEGAL_REQUEST, _("The request has a header that HTTP cannot carry."))
    if exchange.hung_up:
        return exchange.closed()
    return exchange.trouble(Cause.GARBLED, _("%(place)s answered with something that is not HTTP."))


def _record(message: httpx.Request, status: int | str, took_ms: int, size: int) -> None:
    """One line per exchange: no query, no body, no header."""
    host, path = _place(message.url), scrub(message.url.path)
    fields = {"method": message.method, "host": host, "path": path, "status": status, "ms": took_ms, "bytes": size}
    log.info("%s %s%s: %s in %d ms, %d bytes", message.method, host, path, status, took_ms, size, extra=fields)
