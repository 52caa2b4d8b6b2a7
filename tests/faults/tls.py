"""Servers on loopback that fail below HTTP: a listener that says nothing, and one whose certificate nobody trusts."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []
        threading.Thread(target=_hold, args=(server, held), daemon=True).start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()


def _hold(server: socket.socket, held: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):
        while True:
            held.append(server.accept()[0])


@contextlib.contextmanager
def untrusted(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A TLS server with a certificate of its own making, and the bytes that it was sent in spite of that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_listen, args=(server, context, received), daemon=True).start()
        yield server.getsockname()[1], received


def _listen(server: socket.socket, context: ssl.SSLContext, received: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection = server.accept()[0]
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as wrapped:
                received.append(wrapped.recv(65_536))


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    signed = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file
