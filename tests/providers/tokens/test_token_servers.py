"""What token servers answer: usable tokens, refusals, and everything else, which is no token."""

from __future__ import annotations

import gzip
import json
import logging
from typing import Any

import pytest

from providers.auth import MemoryTokenStore, fetch_token
from providers.errors import AccessRefused, BadAnswer, Cause, LostAnswer, NotSent
from providers.registry import provider
from providers.types import Token
from tests.ports import free_port
from tests.providers.clock import Clock
from tests.providers.servers import Peer, Server, answer, replying
from tests.providers.tokens.asking import NOW, SECRETS, TokenServer, account, header, transport


def token_from(server: Server) -> Token:
    return fetch_token(provider("vonage"), account("vonage", server.url), SECRETS, transport(), now=NOW)


@pytest.mark.parametrize(
    ("told", "life"),
    [
        (-5, 60),
        (0, 60),
        (59, 60),
        (60, 60),
        (3600, 3600),
        (7200.5, 7200.5),
        ("3600", 3600),
        (14_400, 14_400),
        (14_401, 14_400),
        (10**12, 14_400),
    ],
)
def test_the_life_of_a_token_is_held_between_bounds(server: Server, tokens: TokenServer, told: Any, life: float) -> None:
    tokens.content["expires_in"] = told
    assert token_from(server) == Token("token-1", NOW, NOW + life)


@pytest.mark.parametrize("told", [None, "soon", True, [], {}, ""])
def test_a_life_that_is_no_number_is_the_usual_one(server: Server, tokens: TokenServer, told: Any) -> None:
    tokens.content["expires_in"] = told
    assert token_from(server).expires_at == NOW + 7200


def token_answer(value: object) -> bytes:
    return json.dumps({"access_token": value, "token_type": "bearer", "expires_in": 7200}).encode()


@pytest.mark.parametrize(
    "reply",
    [
        answer(b""),
        answer(b"null"),
        answer(b"[]"),
        answer(b'"token"'),
        answer(b"{}"),
        answer(b"not json"),
        answer(b"<html>sign in</html>", "200 OK", "Content-Type: text/html"),
        answer(b"\xff\xfe\x00"),
        answer(b"[" * 60_000),
        answer(b'{"access_token":"abc","token_type":"bearer","expires_in":' + b"9" * 5000 + b"}"),
        answer(b'{"access_token":"abc","token_type":"bearer","expires_in":NaN}'),
        answer(token_answer(None)),
        answer(token_answer(5)),
        answer(token_answer("")),
        answer(token_answer("two words")),
        answer(token_answer("abc\r\nX-Injected: yes")),
        answer(token_answer("abc\n")),
        answer(token_answer("é")),
        answer(token_answer("\ud800")),
        answer(token_answer("a" * 9000)),
        answer(token_answer("a" * 900_000)),
        answer(token_answer("a" * 2_000_000)),
        answer(b"\xef\xbb\xbf" + token_answer("abc")),
        answer(b'{"access_token":"abc","token_type":"mac","expires_in":7200}'),
        answer(b'{"access_token":"abc","token_type":7,"expires_in":7200}'),
        answer(token_answer("abc"), length=500),
        answer(gzip.compress(token_answer("abc"), mtime=0), "200 OK", "Content-Encoding: gzip"),
        answer(token_answer("abc"), "201 Created"),
        answer(b"", "204 No Content"),
        answer(b"", "302 Found", "Location: http://127.0.0.1:9/"),
        answer(b'{"error":"invalid_request"}', "400 Bad Request"),
        answer(b'{"error":["invalid_client"]}', "400 Bad Request"),
        answer(b"", "404 Not Found"),
        answer(b"", "429 Too Many Requests"),
        answer(b"", "500 Oops"),
        answer(b"", "503 Unavailable"),
    ],
)
def test_an_answer_without_a_usable_token(reply: bytes) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.send(reply)
        peer.finish()

    with Server(act) as server, pytest.raises(BadAnswer) as caught:
        token_from(server)
    assert type(caught.value) is BadAnswer
    assert caught.value.status == int(reply[9:12])


@pytest.mark.parametrize(
    "reply",
    [
        answer(b'{"error":"invalid_client"}', "400 Bad Request"),
        answer(b'{"error":"invalid_client","error_description":"Invalid client authentication"}', "401 Unauthorized"),
        answer(b"", "401 Unauthorized"),
        answer(b"", "403 Forbidden"),
        answer(gzip.compress(b"{}", mtime=0), "401 Unauthorized", "Content-Encoding: gzip"),
    ],
)
@pytest.mark.parametrize("key", ["vonage", "acoustic"])
def test_refused_credentials(key: str, reply: bytes) -> None:
    store = MemoryTokenStore()
    with Server(replying(reply)) as server, pytest.raises(AccessRefused):
        header(key, server, store)
    assert store.read() is None


def test_a_token_server_that_redirects_is_not_followed() -> None:
    with Server(replying(answer(token_answer("abc")))) as canary:
        reply = answer(b"", "307 Temporary Redirect", f"Location: {canary.url}/")
        with Server(replying(reply)) as server, pytest.raises(BadAnswer, match="never followed"):
            token_from(server)
        assert canary.connections == 0


def test_a_token_server_that_is_down() -> None:
    with pytest.raises(NotSent) as caught:
        fetch_token(provider("vonage"), account("vonage", f"http://127.0.0.1:{free_port()}"), SECRETS, transport(), now=NOW)
    cause = caught.value.__cause__
    assert caught.value.cause == Cause.TOKEN
    assert isinstance(cause, NotSent)
    assert cause.cause == Cause.CONNECT
    assert str(caught.value) == f"No access token: {cause}"


def test_a_token_answer_that_is_lost_is_provably_not_sent_for_the_request_that_waits() -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.reset()

    with Server(act) as server, pytest.raises(NotSent) as caught:
        token_from(server)
    assert caught.value.cause == Cause.TOKEN
    assert isinstance(caught.value.__cause__, LostAnswer)


def test_a_token_server_that_hangs(clock: Clock) -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.hold()

    clock.run_out_while_waiting()
    with Server(act) as server, pytest.raises(NotSent, match=r"No access token: No answer from .* within 60 s\."):
        token_from(server)


def test_secrets_and_tokens_stay_out_of_logs_and_errors(tokens: TokenServer, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    header("acoustic", server, MemoryTokenStore())
    tokens.says(answer(b'{"error":"invalid_client","hint":"s3cr3t-value"}', "401 Unauthorized"))
    with pytest.raises(AccessRefused) as caught:
        header("acoustic", server, MemoryTokenStore())
    seen = "".join(str(record.__dict__) for record in caplog.records) + str(caught.value) + repr(caught.value) + caught.value.code
    assert len(caplog.records) == 2
    assert not [secret for secret in (*SECRETS.values.values(), "token-1") if secret in seen]
    assert "token-1" not in repr(Token("token-1", 0, 0))
