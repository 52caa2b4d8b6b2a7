"""Basic authentication: no token is asked for."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest

from providers.auth import authorization, fetch_token
from providers.registry import provider
from providers.types import Account, Secrets, Token
from tests.providers.tokens.asking import NOW, SECRETS, transport


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
