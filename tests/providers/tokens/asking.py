"""A token server that counts and says what a test wants, and how it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from providers.auth import TokenStore, authorization
from providers.http import Transport
from providers.outbound import Policy
from providers.registry import provider
from providers.types import Account, Secrets
from tests.providers.clock import ALLOWED
from tests.providers.servers import Peer, Server, answer

NOW = 1_800_000_000.0
SECRETS = Secrets({"client_id": "client-1", "client_secret": "s3cr3t-value", "refresh_token": "r3fr3sh-value"})


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


def transport() -> Transport:
    return Transport(Policy((), loopback=True), deadline=ALLOWED, answer_limit=1_000_000)


def account(key: str, url: str) -> Account:
    settings = {
        "vonage": {"region": "custom", "api_url": url, "token_url": f"{url}/Auth/connect/token"},
        "acoustic": {"pod": "custom", "base_url": url},
    }[key]
    return Account(provider=key, name="test", settings=settings)


def header(key: str, server: Server, store: TokenStore, *, now: float = NOW, refused: str = "") -> str:
    return authorization(provider(key), account(key, server.url), SECRETS, store, transport(), now=now, refused=refused)
