"""Ports on which nobody listens yet, and which nobody else is given meanwhile."""

from __future__ import annotations

import socket
import sys

_holders: list[socket.socket] = []


def free_port() -> int:
    """A port on loopback for a server that is to be started, or for none: until then connections to it are refused.

    The system gives a port that is free to the next who asks, which may be another test's server before this one's has begun, or
    while it is started anew. So a socket holds it until this process ends; a server that reuses addresses, as all of ours do, can
    listen beside it on Linux.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    if sys.platform == "linux":
        _holders.append(holder)
    else:
        holder.close()
    return port
