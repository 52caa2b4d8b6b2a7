"""Loopback servers that answer as badly as a test asks, and certificates for them."""

from __future__ import annotations

import datetime
import ipaddress
import queue
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE = 60.0
"""Seconds after which something that should come is not waited for any more."""


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._sock = sock
        self._stopping = stopping
        self.received = b""

    def secure(self, context: ssl.SSLContext) -> None:
        """Take part in a TLS handshake."""
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def close(self) -> None:
        """Close without a word, and without a TLS goodbye."""
        self._sock.close()

    def request(self) -> bytes:
        """Read one whole request; empty when the client closed before."""
        whole = b""
        while not _is_whole(whole):
            more = self._sock.recv(65536)
            if not more:
                return b""
            whole += more
            self.received += more
        return whole

    def rest(self) -> bytes:
        """Read until the client closes."""
        while more := self._sock.recv(65536):
            self.received += more
        return self.received

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send a byte at a time, for ever in the end; faster than any single wait would end."""
        for byte in data:
            self._sock.sendall(bytes([byte]))
            if self._stopping.wait(0.02):
                return
        self.hold()

    def hold(self) -> None:
        """Stay silent until the test is over."""
        self._stopping.wait(PATIENCE)

    def finish(self) -> None:
        """Say that nothing more follows, and take what the client still sends."""
        self._sock.shutdown(socket.SHUT_WR)
        self.rest()

    def hang_up(self) -> None:
        """End the connection from another thread."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Break the connection with a reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = next((line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b"0")
    return bool(end) and len(body) >= int(length)


class Server:
    """Does with every connection what `act` does, and remembers how many came and what they brought."""

    def __init__(self, act: Callable[[Peer], None], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._act = act
        self._tls = tls
        self._host = host
        self._stopping = threading.Event()
        self._listener = socket.create_server((host, 0))
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._last_words: queue.Queue[int] = queue.Queue()
        self._own: set[int] = set()
        self.port: int = self._listener.getsockname()[1]
        self.peers: list[Peer] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were made to this server until now."""
        self._catch_up()
        return len(self.peers)

    @property
    def received(self) -> bytes:
        """What all connections brought, once everybody has hung up."""
        self._catch_up()
        for thread in self._threads:
            thread.join(PATIENCE)
        return b"".join(peer.received for peer in self.peers)

    def __enter__(self) -> Server:
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(PATIENCE)
        for peer in self.peers:
            peer.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _catch_up(self) -> None:
        """Wait until every connection made so far is accepted, by making one more: they are accepted in their order."""
        if self._stopping.is_set():
            return
        with socket.socket() as own:
            own.bind(("127.0.0.1", 0))
            port = own.getsockname()[1]
            self._own.add(port)
            own.connect((self._host, self.port))
            while self._last_words.get(timeout=PATIENCE) != port:
                pass

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, address = self._listener.accept()
            except OSError:
                return
            if address[1] in self._own:
                self._own.remove(address[1])
                sock.close()
                self._last_words.put(address[1])
                continue
            sock.settimeout(PATIENCE)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock, self._stopping)
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self.peers.append(peer)
            thread.start()
            self._threads.append(thread)

    def _serve(self, peer: Peer) -> None:
        with suppress(OSError):
            if self._tls:
                peer.secure(self._tls)
            self._act(peer)
        peer.close()


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """A whole HTTP answer; `length` tells a lie about its body."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def replying(data: bytes) -> Callable[[Peer], None]:
    """Answers every request of a connection with these bytes."""

    def act(peer: Peer) -> None:
        while peer.request():
            peer.send(data)

    return act


def replying_once(data: bytes) -> Callable[[Peer], None]:
    """Reads a request, sends these bytes and closes."""

    def act(peer: Peer) -> None:
        peer.request()
        peer.send(data)
        peer.finish()

    return act


class Certificates:
    """A certificate authority in a directory, and the server contexts it makes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        builder = _builder(self._name, self._name, self._key.public_key(), -1, 1)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_signs_certificates(), critical=True)
        self.authority = directory / "authority.pem"
        self.authority.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, name: str = "localhost", *, days: tuple[int, int] = (-1, 1), self_signed: bool = False) -> ssl.SSLContext:
        """A server's TLS context with a certificate for a name or an address, valid between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        builder = _builder(subject, subject if self_signed else self._name, key.public_key(), *days)
        signer = key if self_signed else self._key
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        certificate = builder.sign(signer, hashes.SHA256())
        path = self._directory / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, first: int, last: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=first))
        .not_valid_after(now + datetime.timedelta(days=last))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _signs_certificates() -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **dict.fromkeys(names, False))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
