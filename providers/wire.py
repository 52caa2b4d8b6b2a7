"""The sockets under the HTTP client: one deadline for everything, vetted addresses, and the mark before the first byte.

httpx bounds each socket operation, never the whole: a server that drips its answer holds a call for ever. Here every
operation gets only what is left of the exchange's time. The durable mark is written at the first write of the request's
own bytes, after the TLS handshake, so that "nothing left" and "something may have left" are told apart by what happened,
not by the class of an exception.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import httpcore
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.errors import Cause
from providers.outbound import Policy

Resolver = Callable[[str, int], list[str]]
"""The numeric addresses of a host; raises OSError."""


def steady() -> float:
    """Seconds on a clock that nobody sets and that, on Linux, goes on while the machine sleeps: one that wakes sends nothing old."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Trouble(Exception):
    """Why an exchange ended without an answer. httpcore handles its own exceptions, never this one."""

    def __init__(self, cause: Cause, sentence: str, origin: Exception | None = None) -> None:
        super().__init__(sentence)
        self.cause = cause
        self.origin = origin
        """What made the trouble; httpcore drops the cause that Python itself keeps."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer as the network sees them."""

    place: str
    """Host, and port when it is not 443, for sentences."""
    allowed: float
    """Seconds for everything from the name look-up to the last byte of the answer."""
    mark: Callable[[], None] | None = None
    started: float = field(default_factory=steady)
    left: bool = False
    """Whether a byte of the request was given to the socket."""
    heard: bool = False
    """Whether a byte came back."""
    hung_up: bool = False
    """Whether the other side closed the connection."""
    connected_ms: int = 0

    def elapsed_ms(self) -> int:
        """Milliseconds since the exchange began."""
        return round((steady() - self.started) * 1000)

    def time_left(self) -> float:
        """Seconds that remain; raises TimeoutError when none do."""
        left = self.started + self.allowed - steady()
        if left <= 0:
            raise TimeoutError
        return left

    def trouble(self, cause: Cause, text: str, **words: str) -> Trouble:
        """A trouble of this exchange; its text may name `place` and `seconds`, the time that was allowed."""
        return Trouble(cause, text % {"place": self.place, "seconds": f"{self.allowed:g}", **words})

    def closed(self) -> Trouble:
        """The trouble of the other side having closed the connection before its answer began, or within its head."""
        if self.heard:
            return self.trouble(Cause.CLOSED, _("%(place)s broke off in the middle of its answer."))
        return self.trouble(Cause.CLOSED, _("%(place)s closed the connection without answering."))

    def write_mark(self) -> None:
        """Write the durable mark; whatever it raises means that nothing may leave."""
        if self.mark is None:
            return
        try:
            self.mark()
        except Exception as refusal:
            raise Trouble(Cause.MARK_REFUSED, _("The sending could not be recorded, so nothing was sent."), refusal) from refusal


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host as the operating system knows them, each once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Wire(httpcore.NetworkBackend):
    """Opens connections for one thread's exchanges. `exchange` is the one under way."""

    exchange: Exchange

    def __init__(self, policy: Policy, resolve: Resolver) -> None:
        self._policy = policy
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Stream:
        """A connection to one of the host's addresses, all of which were vetted. The limits are the exchange's own."""
        addresses = self._vetted(host, self._look_up(host, port))
        sock = self._connect(addresses, port)
        self.exchange.connected_ms = self.exchange.elapsed_ms()
        return Stream(sock, self)

    def _look_up(self, host: str, port: int) -> list[str]:
        """The addresses of a host, looked up in a thread that is abandoned when the time is over."""
        answer: Future[list[str]] = Future()
        try:
            threading.Thread(target=_settle, args=(answer, self._resolve, host, port), name="name look-up", daemon=True).start()
            return answer.result(self.exchange.time_left())
        except TimeoutError as error:
            late = _("The name %(host)s could not be looked up within %(seconds)s s.")
            raise self.exchange.trouble(Cause.NAME_LOOKUP, late, host=host) from error
        except (OSError, UnicodeError, RuntimeError) as error:  # RuntimeError: no thread could be started
            unknown = getattr(error, "errno", None) == socket.EAI_NONAME
            text = _("The name %(host)s is unknown.") if unknown else _("The name %(host)s cannot be looked up at the moment.")
            raise self.exchange.trouble(Cause.NAME_LOOKUP, text, host=host) from error

    def _vetted(self, host: str, addresses: list[str]) -> list[str]:
        if not addresses:
            raise self.exchange.trouble(Cause.NAME_LOOKUP, _("The name %(host)s is unknown."), host=host)
        if not all(self._policy.permits(host, address) for address in addresses):
            text = _("The name %(host)s leads to an address that is not public; it may not be called.")
            raise self.exchange.trouble(Cause.FORBIDDEN_ADDRESS, text, host=host)
        return addresses

    def _connect(self, addresses: list[str], port: int) -> socket.socket:
        """The first connection that succeeds; each address gets an equal share of the time left."""
        failure: OSError = TimeoutError()
        for tries_left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                sock = socket.create_connection((address, port), self.exchange.time_left() / tries_left)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except OSError as error:
                failure = error
        raise _no_connection(self.exchange, failure) from failure


class Stream(httpcore.NetworkStream):
    """One connection. Every operation ends with the exchange under way."""

    def __init__(self, sock: socket.socket, wire: Wire) -> None:
        self._socket = sock
        self._wire = wire
        self._used = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes of the answer, none when the other side has closed."""
        exchange = self._wire.exchange
        try:
            self._socket.settimeout(exchange.time_left())
            received = self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise exchange.trouble(Cause.DEADLINE, _("No answer from %(place)s within %(seconds)s s.")) from error
        except OSError as error:
            raise exchange.closed() from error
        exchange.heard |= bool(received)
        exchange.hung_up |= not received
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes of the request; before the first, the durable mark is written."""
        if not buffer:
            return
        exchange = self._wire.exchange
        try:
            if not exchange.left:
                self._leave(exchange)
            self._send(exchange, memoryview(buffer))
        except TimeoutError as error:
            raise exchange.trouble(Cause.DEADLINE, _("The request could not be handed to %(place)s within %(seconds)s s.")) from error
        except OSError as error:
            # httpcore goes on to read after this one: a server may refuse early, with an answer, and close.
            raise httpcore.WriteError(str(error)) from error

    def _leave(self, exchange: Exchange) -> None:
        """Let the request go, if there is still time and a connection once the mark is written."""
        exchange.time_left()
        exchange.write_mark()
        exchange.time_left()
        if self._used and is_readable(self._socket):
            raise exchange.trouble(Cause.CLOSED, _("%(place)s had closed the idle connection; nothing was sent."))
        self._used = True
        exchange.left = True

    def _send(self, exchange: Exchange, rest: memoryview) -> None:
        while rest:
            self._socket.settimeout(exchange.time_left())
            rest = rest[self._socket.send(rest) :]

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> Stream:
        """The same connection after a TLS handshake with the named server."""
        exchange = self._wire.exchange
        try:
            self._socket.settimeout(exchange.time_left())
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname, suppress_ragged_eofs=False)
        except OSError as error:
            self.close()
            raise _no_handshake(exchange, error) from error
        exchange.connected_ms = exchange.elapsed_ms()
        return Stream(secured, self._wire)

    def close(self) -> None:
        """Close the connection at once."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of an idle connection: whether it became readable, which means closed."""
        return is_readable(self._socket) if info == "is_readable" else None


def is_readable(sock: socket.socket) -> bool:
    """Whether a read would return at once; of an idle connection: whether the other side has closed it."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _settle(answer: Future[list[str]], resolve: Resolver, host: str, port: int) -> None:
    try:
        answer.set_result(resolve(host, port))
    except Exception as error:
        answer.set_exception(error)


CERTIFICATE_FAULTS = {
    9: gettext_lazy("TLS with %(place)s: the certificate is not valid yet."),
    10: gettext_lazy("TLS with %(place)s: the certificate has expired."),
    18: gettext_lazy("TLS with %(place)s: the certificate is self-signed."),
    19: gettext_lazy("TLS with %(place)s: the certificate comes from an unknown authority."),
    20: gettext_lazy("TLS with %(place)s: the certificate comes from an unknown authority."),
    23: gettext_lazy("TLS with %(place)s: the certificate was revoked."),
    62: gettext_lazy("TLS with %(place)s: the certificate is for another host."),
    64: gettext_lazy("TLS with %(place)s: the certificate is for another host."),
}
"""OpenSSL's X509_V_ERR numbers in words."""


def _no_connection(exchange: Exchange, failure: OSError) -> Trouble:
    if isinstance(failure, TimeoutError):
        return exchange.trouble(Cause.CONNECT, _("No connection to %(place)s within %(seconds)s s."))
    if isinstance(failure, ConnectionRefusedError):
        return exchange.trouble(Cause.CONNECT, _("The connection was refused by %(place)s."))
    return exchange.trouble(Cause.CONNECT, _("No connection to %(place)s: %(reason)s."), reason=failure.strerror or _("unknown reason"))


def _no_handshake(exchange: Exchange, failure: OSError) -> Trouble:
    """Only what speaks against the server's identity or protocol is TLS trouble; silence and hanging up are not."""
    if isinstance(failure, TimeoutError):
        return exchange.trouble(Cause.CONNECT, _("No TLS handshake with %(place)s within %(seconds)s s."))
    if isinstance(failure, ssl.SSLCertVerificationError):
        fault = CERTIFICATE_FAULTS.get(failure.verify_code) or _("TLS with %(place)s: the certificate is not trusted.")
        return exchange.trouble(Cause.TLS, str(fault))
    if isinstance(failure, ssl.SSLEOFError) or not isinstance(failure, ssl.SSLError):
        return exchange.trouble(Cause.CONNECT, _("%(place)s closed the connection during the TLS handshake."))
    if failure.reason == "WRONG_VERSION_NUMBER":
        return exchange.trouble(Cause.TLS, _("TLS with %(place)s: the server does not speak TLS there."))
    if failure.reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return exchange.trouble(Cause.TLS, _("TLS with %(place)s: the server has no TLS 1.2 or newer."))
    return exchange.trouble(Cause.TLS, _("TLS with %(place)s failed."))
