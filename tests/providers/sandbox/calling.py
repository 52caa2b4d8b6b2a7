"""A vendor of the tests' own, and callers that read its answers without any tolerance."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable

from providers.sandbox.server import Sandbox
from providers.sandbox.types import Call, Reply, json_reply
from providers.sandbox.world import World

BODY = b'{"say": "hello"}'


def toy(call: Call, world: World) -> Reply:
    """A vendor that processes each key once, like the real ones do or do not."""
    if call.path == "/broken":
        raise LookupError("a bug")
    if call.path == "/token":
        return json_reply(200, {"access_token": "t", "at_once": world.in_flight("toy")})
    if not world.setting("toy", "enabled", True):
        return json_reply(400, {"error": "not enabled"})
    world.ledger.effect(
        vendor="toy", kind="sms", key=call.query.get("key", ""), recipients=["+14155550100"], detail={"body": call.body.decode()}
    )
    return json_reply(200, {"path": call.path, "query": dict(call.query), "type": call.header("content-TYPE")})


class Client:
    """One kept-alive connection, read without any tolerance."""

    def __init__(self, box: Sandbox) -> None:
        self.connection = http.client.HTTPConnection(box.url.removeprefix("http://"), timeout=60)

    def send(self, method: str, path: str, body: bytes = BODY, **headers: str) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        return self.connection.getresponse()

    def post(self, path: str = "/toy/sms", body: bytes = BODY, **headers: str) -> tuple[int, bytes]:
        answer = self.send("POST", path, body, **headers)
        return answer.status, answer.read()


def raw(box: Sandbox, request: bytes) -> bytes:
    """Everything that comes back until the other side closes."""
    host, _, port = box.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def until(holds: Callable[[], bool]) -> None:
    for _ in range(6000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to be")
