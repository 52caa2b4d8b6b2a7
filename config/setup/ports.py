"""The two ports of a running desk: the web server's and the sandbox's."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from config.setup.places import ENV_FILE
from config.setup.trouble import Trouble

WEB = 8000
SANDBOX = range(8900, 9000)


def web() -> int:
    """The port from PORT; raises Trouble when it is not free."""
    text = os.environ.get("PORT") or str(WEB)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Trouble(f"PORT must be a whole number from 1 to 65535; it is “{text}”.")
    port = int(text)
    match _state(port):
        case errno.EACCES:
            raise Trouble(f"You may not use port {port}; choose one from 1024 on, for example: make run PORT={WEB}")
        case errno.EADDRINUSE:
            raise Trouble(f"Port {port} is taken by another program; stop it, or choose another port: make run PORT={_free_from(port)}")
    return port


def for_new_sandbox() -> int:
    """A free port for the sandbox of a desk that is being set up."""
    for port in SANDBOX:
        if _state(port) == 0:
            return port
    raise Trouble(f"The sandbox needs a port, and all from {SANDBOX[0]} to {SANDBOX[-1]} are taken.")


def sandbox(settings: Mapping[str, str]) -> int:
    """The port of this desk's sandbox; raises Trouble when it is not free or not on this machine."""
    address = urlsplit(settings.get("SANDBOX_ADDRESS") or f"http://127.0.0.1:{SANDBOX[0]}")
    if address.scheme != "http" or address.hostname != "127.0.0.1" or not address.port:
        raise Trouble(f"SANDBOX_ADDRESS must be like http://127.0.0.1:{SANDBOX[0]}; it is “{address.geturl()}”.")
    if _state(address.port):
        raise Trouble(
            f"Port {address.port}, which this desk's sandbox uses, is taken by another program;"
            f" stop it, or set another free port in SANDBOX_ADDRESS in {ENV_FILE.name}."
        )
    return address.port


def _state(port: int) -> int:
    """0 when the port is free on 127.0.0.1, otherwise the error number."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return 0


def _free_from(port: int) -> int:
    return next((other for other in range(max(port, 1024) + 1, 65536) if _state(other) == 0), WEB)
