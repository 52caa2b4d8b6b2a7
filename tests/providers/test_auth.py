"""Access tokens: one for all, renewed once, asked for as seldom as the vendors demand; and Basic authentication."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from providers.auth import MemoryTokenStore, TokenStore, authorization, fetch_token
from providers.errors import AccessRefused, BadAnswer, Cause, LostAnswer, NotSent, ProviderError
from providers.http import Transport
from providers.outbound import Policy
from providers.registry import provider
from providers.types import Account, Secrets, Token
from tests.providers.servers import Peer, Server, answer, free_port, replying

NOW = 1_800_000_000.0
SECRETS = Secrets({"client_id": "client-1", "client_secret": "s3cr3t-value", "refresh_token": "r3fr3sh-value"})
HOUR = 3600


class TokenServer:
    """A vendor's token endpoint that counts how often it was asked and says what a test wants."""

    def __init__(self) -> None:
        self.asked = 0
        self.content: dict[str, Any] = {"token_type": "bearer", "expires_in": 7200}
        self.reply: Callable[[], bytes] = self._token
        self._lock = threading.Lock()

    def act(self, peer: Peer) -> None:
        while peer.request():
            with self._lock:
                self.asked += 1
                sent = self.reply()
            peer.send(sent)

    def _token(self) -> bytes:
        return answer(json.dumps({"access_token": f"token-{self.asked}", **self.content}).encode())

    def says(self, reply: bytes) -> None:
        self.reply = lambda: reply


@pytest.fixture
def tokens() -> TokenServer:
    return TokenServer()


@pytest.fixture
def server(tokens: TokenServer) -> Iterator[Server]:
    with Server(tokens.act) as server:
        yield server


def transport() -> Transport:
    return Transport(Policy((), loopback=True), deadline=10, answer_limit=1_000_000)


def account(key: str, url: str) -> Account:
    settings = {
        "vonage": {"region": "custom", "api_url": url, "token_url": f"{url}/Auth/connect/token"},
        "acoustic": {"pod": "custom", "base_url": url},
    }[key]
    return Account(provider=key, name="test", settings=settings)


def header(key: str, server: Server, store: TokenStore, *, now: float = NOW, refused: str = "") -> str:
    return authorization(provider(key), account(key, server.url), SECRETS, store, transport(), now=now, refused=refused)


# --- one token for all -------------------------------------------------------------------------------


def test_a_token_is_asked_for_once(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    assert [header("vonage", server, store, now=NOW + second) for second in range(3)] == ["Bearer token-1"] * 3
    assert tokens.asked == 1
    assert b"grant_type=client_credentials" in server.peers[0].received
    assert b"client_secret=s3cr3t-value" in server.peers[0].received
    assert store.read() == Token("token-1", NOW, NOW + 7200)


@pytest.mark.parametrize(
    ("key", "life", "age", "asked"),
    [
        ("vonage", 7200, 7200 - 301, 1),
        ("vonage", 7200, 7200 - 300, 2),
        ("vonage", 60, 29, 1),  # shorter than the margin: half of its life it is used
        ("vonage", 60, 30, 2),
        ("acoustic", 14400, 10_859, 1),  # 3.01 hours and a margin
        ("acoustic", 14400, 10_860, 2),
        ("acoustic", 12222, 12222 - 3541, 1),  # the same token as somebody else was given before
        ("acoustic", 12222, 12222 - 3540, 2),
    ],
)
def test_a_token_is_renewed_before_its_end(server: Server, tokens: TokenServer, key: str, life: int, age: int, asked: int) -> None:
    tokens.content["expires_in"] = life
    store = MemoryTokenStore()
    header(key, server, store)
    assert header(key, server, store, now=NOW + age) == f"Bearer token-{asked}"
    assert tokens.asked == asked


def together(count: int, work: Callable[[], str]) -> list[str | ProviderError]:
    """What so many threads got that started at the same moment."""
    start, results = threading.Barrier(count), list[str | ProviderError]()

    def run() -> None:
        start.wait()
        try:
            results.append(work())
        except ProviderError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_twenty_threads_ask_once(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    assert together(20, lambda: header("vonage", server, store)) == ["Bearer token-1"] * 20
    assert tokens.asked == 1


def test_twenty_threads_whose_token_was_refused_ask_once(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    old = header("vonage", server, store)
    assert together(20, lambda: header("vonage", server, store, refused=old)) == ["Bearer token-2"] * 20
    assert tokens.asked == 2


def test_twenty_threads_at_the_end_of_a_token_ask_once(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    header("vonage", server, store)
    assert together(20, lambda: header("vonage", server, store, now=NOW + 7000)) == ["Bearer token-2"] * 20
    assert tokens.asked == 2


def test_those_who_wait_share_the_failure() -> None:
    store, release, calls = MemoryTokenStore(), threading.Event(), list[int]()

    def fetch() -> Token:
        calls.append(1)
        release.wait(10)
        raise AccessRefused("no", 401)

    def ask() -> str:
        return store.renew(fetch, refused=None).value

    threading.Timer(0.3, release.set).start()
    results = together(20, ask)
    assert [str(result) for result in results] == ["no"] * 20
    assert len(calls) == 1


def test_after_a_failure_the_next_call_asks_again(server: Server, tokens: TokenServer) -> None:
    store, good = MemoryTokenStore(), tokens.reply
    tokens.says(answer(b"{}", "503 Unavailable"))
    with pytest.raises(BadAnswer):
        header("vonage", server, store)
    tokens.reply = good
    assert header("vonage", server, store) == "Bearer token-2"


def test_a_failed_renewal_keeps_the_old_token(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    header("vonage", server, store)
    tokens.says(answer(b"{}", "503 Unavailable"))
    with pytest.raises(BadAnswer):
        header("vonage", server, store, now=NOW + 7000)
    assert store.read() == Token("token-1", NOW, NOW + 7200)


# --- after a 401 ----------------------------------------------------------------------------------------


def test_a_refused_token_is_replaced(server: Server, tokens: TokenServer) -> None:
    store = MemoryTokenStore()
    old = header("vonage", server, store)
    assert header("vonage", server, store, refused=old) == "Bearer token-2"
    assert header("vonage", server, store, refused=old) == "Bearer token-2"  # somebody else has renewed it already
    assert tokens.asked == 2


def test_acoustic_is_not_asked_again_for_a_young_token(server: Server, tokens: TokenServer) -> None:
    tokens.content["expires_in"] = 4 * HOUR
    store = MemoryTokenStore()
    old = header("acoustic", server, store)
    with pytest.raises(AccessRefused, match=r"gives out no other before 11:01 UTC"):
        header("acoustic", server, store, now=NOW + 10_859, refused=old)
    assert tokens.asked == 1
    assert header("acoustic", server, store, now=NOW + 10_860, refused=old) == "Bearer token-2"


def test_new_secrets_may_ask_at_once(server: Server, tokens: TokenServer) -> None:
    tokens.content["expires_in"] = 4 * HOUR
    old = header("acoustic", server, MemoryTokenStore())
    assert header("acoustic", server, MemoryTokenStore(), refused=old) == "Bearer token-2"  # a store knows no token of other secrets


def test_acoustic_is_not_asked_on_every_call_when_its_token_is_near_its_end(server: Server, tokens: TokenServer) -> None:
    tokens.content["expires_in"] = 700
    store = MemoryTokenStore()
    assert {header("acoustic", server, store, now=NOW + age) for age in (0, 1, 350, 699)} == {"Bearer token-1"}
    with pytest.raises(NotSent, match="expired, and the provider gives out no other before") as caught:
        header("acoustic", server, store, now=NOW + 700)
    assert (caught.value.cause, tokens.asked) == (Cause.TOKEN, 1)
    assert header("acoustic", server, store, now=NOW + 2715) == "Bearer token-2"


# --- what token servers answer ----------------------------------------------------------------------------


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
        answer(b"\xef\xbb\xbf" + token_answer("abc")),
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


def test_a_token_server_that_hangs() -> None:
    def act(peer: Peer) -> None:
        peer.request()
        peer.hold()

    hasty = Transport(Policy((), loopback=True), deadline=0.2, answer_limit=1000)
    with Server(act) as server, pytest.raises(NotSent, match=r"No access token: No answer from .* within 0\.2 s\."):
        fetch_token(provider("vonage"), account("vonage", server.url), SECRETS, hasty, now=NOW)


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


# --- Basic -----------------------------------------------------------------------------------------------


class NoStore:
    """A store that nobody may ask."""

    def read(self) -> Token | None:
        raise AssertionError("asked")

    def renew(self, fetch: Callable[[], Token], *, refused: Token | None) -> Token:
        raise AssertionError("asked")


@pytest.mark.parametrize("password", ["t0ken", "with:colon", "ünïcode", ""])
def test_basic_authentication(password: str) -> None:
    customer = Account(provider="ccai", name="test", settings={"subdomain": "customer"})
    value = authorization(provider("ccai"), customer, Secrets({"token": password}), NoStore(), transport(), now=NOW)
    scheme, _, encoded = value.partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", f"customer:{password}")


def test_basic_authentication_has_no_tokens() -> None:
    with pytest.raises(TypeError):
        fetch_token(provider("ccai"), Account("ccai", "test", {}), SECRETS, transport(), now=time.time())
