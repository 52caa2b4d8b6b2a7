"""Access tokens: one for all, renewed once, asked for as seldom as the vendors demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from providers import auth
from providers.auth import MemoryTokenStore
from providers.errors import AccessRefused, BadAnswer, Cause, NotSent, ProviderError
from providers.types import Token
from tests.providers.servers import PATIENCE, Server, answer
from tests.providers.tokens.asking import NOW, TokenServer, header

HOUR = 3600


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
        thread.join(PATIENCE)
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


def test_those_who_wait_share_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    store, waiting, calls = MemoryTokenStore(), threading.Semaphore(0), list[int]()

    class Flight(Future[Token]):
        def result(self, timeout: float | None = None) -> Token:
            waiting.release()
            return super().result(timeout)

    def fetch() -> Token:
        calls.append(1)
        assert all(waiting.acquire(timeout=PATIENCE) for _other in range(19))
        raise AccessRefused("no", 401)

    def ask() -> str:
        return store.renew(fetch, refused=None).value

    monkeypatch.setattr(auth, "Future", Flight)
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
