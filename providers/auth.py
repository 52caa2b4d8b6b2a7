"""Access to a provider: the Authorization header, from a bearer token that is shared and renewed once, or from a password."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from django.utils.translation import gettext as _

from providers.base import BasicAuth, BearerAuth, Provider
from providers.errors import AccessRefused, BadAnswer, Cause, LostAnswer, NotSent
from providers.http import Transport
from providers.oauth import LONGEST_LIFE, SHORTEST_LIFE, TOKEN
from providers.types import Account, Answer, Secrets, Token

OLDEST = 0.75
"""The part of `least_age` that a token just handed out counts as old at most: the rest lies between any two requests."""
LARGEST_ANSWER = 65_536


class TokenStore(Protocol):
    """Keeps one connection's token for all threads and processes. A token asked for with other secrets is not returned."""

    def read(self) -> Token | None:
        """The token at hand, whatever its age."""

    def renew(self, fetch: Callable[[], Token], *, refused: Token | None) -> Token:
        """A token other than the one that cannot be used any more (`refused`; None when there was none).

        Only one caller fetches at a time; the others wait for its token, or raise its error. A token that somebody else
        has put in the place of the refused one is returned without fetching.
        """


class MemoryTokenStore:
    """A token store for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._flight: Future[Token] | None = None

    def read(self) -> Token | None:
        """The token at hand, whatever its age."""
        return self._token

    def renew(self, fetch: Callable[[], Token], *, refused: Token | None) -> Token:
        """See TokenStore."""
        with self._lock:
            if self._token is not None and self._token != refused:
                return self._token
            flight, pilot = self._flight or Future(), self._flight is None
            self._flight = flight
        if pilot:
            self._fly(flight, fetch)
        return flight.result()

    def _fly(self, flight: Future[Token], fetch: Callable[[], Token]) -> None:
        try:
            token = fetch()
        except BaseException as error:
            self._land(self._token)
            flight.set_exception(error)
        else:
            self._land(token)
            flight.set_result(token)

    def _land(self, token: Token | None) -> None:
        with self._lock:
            self._token, self._flight = token, None


def authorization(
    provider: Provider,
    account: Account,
    secrets: Secrets,
    store: TokenStore,
    transport: Transport,
    *,
    now: float,
    refused: str = "",
) -> str:
    """The value of the Authorization header at this moment (epoch seconds).

    `refused` is the value that the provider has just answered with 401: a token is renewed for it once, unless it is too
    young for that. Raises NotSent(TOKEN), AccessRefused or BadAnswer when there is no token to be had.
    """
    if isinstance(provider.auth, BasicAuth):
        return _basic(provider.auth, account, secrets)
    auth, token = provider.auth, store.read()
    if token is not None and _header(token) != refused and _usable(auth, token, now):
        return _header(token)
    if token is not None:
        _check_age(auth, token, now, turned_down=_header(token) == refused)
    return _header(store.renew(lambda: fetch_token(provider, account, secrets, transport, now=now), refused=token))


def fetch_token(provider: Provider, account: Account, secrets: Secrets, transport: Transport, *, now: float) -> Token:
    """A new token, asked for with the connection's secrets; its life is held between one minute and four hours.

    Raises NotSent(TOKEN) when there was no answer, AccessRefused when the secrets were refused, BadAnswer otherwise.
    """
    if isinstance(provider.auth, BasicAuth):
        raise TypeError(f"{provider.key} has no tokens.")
    try:
        answer = transport.exchange(provider.auth.request(account, secrets))
    except (NotSent, LostAnswer) as error:
        raise NotSent(Cause.TOKEN, _("No access token: %s") % error, error.took_ms) from error
    _check_answer(answer)
    return _sound(provider.auth, provider.auth.read(answer, now), now)


def _basic(auth: BasicAuth, account: Account, secrets: Secrets) -> str:
    pair = f"{auth.username(account)}:{secrets[auth.password]}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _header(token: Token) -> str:
    return f"Bearer {token.value}"


def _usable(auth: BearerAuth, token: Token, now: float) -> bool:
    """Fresh, or past its renewal time but too young to be replaced. At least half of its life a token counts as fresh."""
    margin = min(auth.renew_before, (token.expires_at - token.issued_at) / 2)
    return now < token.expires_at - margin or (now < token.expires_at and now < token.issued_at + auth.least_age)


def _check_age(auth: BearerAuth, token: Token, now: float, *, turned_down: bool) -> None:
    """Refuse to ask again with the same secrets before `least_age` has passed."""
    opens = token.issued_at + auth.least_age
    if now >= opens:
        return
    at = f"{datetime.fromtimestamp(opens, UTC):%H:%M} UTC"
    if turned_down:
        raise AccessRefused(_("The provider refused a token that should still be valid, and gives out no other before %s.") % at, 401)
    raise NotSent(Cause.TOKEN, _("The access token has expired, and the provider gives out no other before %s.") % at)


def _check_answer(answer: Answer) -> None:
    """Refuse what no provider needs to read; refusals by status are its own to explain."""
    if 300 <= answer.status < 400:
        raise BadAnswer(_("The token server sent us to another address, which is never followed."), answer.status)
    if answer.status == 200 and (not answer.complete or len(answer.body) > LARGEST_ANSWER):
        raise BadAnswer(_("The token server's answer was cut short, compressed or too large."), answer.status)


def _sound(auth: BearerAuth, token: Token, now: float) -> Token:
    """The token, fit for a header, with a life between the bounds and an age that cannot make us ask on every call."""
    if not TOKEN.fullmatch(token.value):
        raise BadAnswer(_("The token server's answer holds a token with characters that no header can carry."), 200)
    life = min(max(token.expires_at - now, SHORTEST_LIFE), LONGEST_LIFE)
    return replace(token, issued_at=max(token.issued_at, now - OLDEST * auth.least_age), expires_at=now + life)
