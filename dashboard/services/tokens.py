"""The access token that all calls of a connection share: sealed in the database, renewed by one process at a time."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from dashboard import crypto
from dashboard.models import AccessToken, Connection
from dashboard.services.failpoints import hit
from dashboard.services.identity import me, surely_dead
from dashboard.services.lanes import CLOCK_SLACK
from providers.errors import Cause, NotSent
from providers.types import Token

PAUSE = 0.05
_here: dict[int, threading.Lock] = defaultdict(threading.Lock)
"""One lock a connection: within this process the database need not be asked over and over."""


class DatabaseTokenStore:
    """providers.auth.TokenStore over the row of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @sensitive_variables()
    def read(self) -> Token | None:
        """The token that was asked for with the present secrets, whatever its age."""
        return self._opened(self._rows().first())

    @sensitive_variables()
    def renew(self, fetch: Callable[[], Token], *, refused: Token | None) -> Token:
        """A token other than the refused one: fetched under a lease, or the one that somebody else fetched meanwhile."""
        with _here[self._connection.pk]:
            until = time.monotonic() + 2 * settings.CALL_DEADLINE
            while time.monotonic() < until:
                if newer := self._newer(refused):
                    return newer
                if self._lease():
                    return self._fetch(fetch, refused)
                time.sleep(PAUSE)
        raise NotSent(Cause.TOKEN, _("No access token: another worker is asking for it and got no answer."))

    def _newer(self, refused: Token | None) -> Token | None:
        there = self.read()
        return there if there is not None and (refused is None or there.value != refused.value) else None

    def _rows(self) -> QuerySet[AccessToken]:
        return AccessToken.objects.filter(connection=self._connection, secrets_version=self._connection.secrets_version)

    def _opened(self, row: AccessToken | None) -> Token | None:
        if row is None or row.sealed is None:
            return None
        row.connection = self._connection
        try:
            value = crypto.unseal(row.sealed, row.place).decode()
        except crypto.Unreadable:
            return None
        return Token(value, row.issued_at, row.expires_at)

    def _lease(self) -> bool:
        row = self._row()
        now = time.time()
        until = now + settings.CALL_DEADLINE + settings.LANE_LEASE
        # One that is further ahead than it can have been set was set by a clock that was wrong.
        free = Q(holder="") | Q(held_until__lt=now) | Q(held_until__gt=until + CLOCK_SLACK)
        if surely_dead(row.holder):
            free |= Q(holder=row.holder)
        mine = AccessToken.objects.filter(free, connection=self._connection)
        leased = mine.update(holder=me(), held_until=until, asked_at=now)
        hit("token.leased")
        return bool(leased)

    def _row(self) -> AccessToken:
        try:
            with transaction.atomic():
                return AccessToken.objects.get_or_create(connection=self._connection)[0]
        except IntegrityError:
            return AccessToken.objects.get(connection=self._connection)

    @sensitive_variables()
    def _fetch(self, fetch: Callable[[], Token], refused: Token | None) -> Token:
        mine = AccessToken.objects.filter(connection=self._connection, holder=me())
        if newer := self._newer(refused):
            mine.update(holder="", held_until=0)
            return newer
        try:
            token = fetch()
            hit("token.fetched")
        except BaseException:
            mine.update(holder="", held_until=0)
            raise
        sealed = crypto.seal(token.value.encode(), AccessToken(connection=self._connection).place)
        version = self._connection.secrets_version
        fields = {"sealed": sealed, "secrets_version": version, "issued_at": token.issued_at, "expires_at": token.expires_at}
        # Secrets that were replaced meanwhile have earned another token than this one.
        current = mine.filter(connection__secrets_version=version)
        if not current.update(holder="", held_until=0, **fields):
            mine.update(holder="", held_until=0)
        hit("token.stored")
        return token
