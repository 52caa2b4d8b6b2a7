"""Carries out one call: on record, marked, sent, answered, settled; with no transaction open while HTTP is under way."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db import connection as database
from django.views.decorators.debug import sensitive_variables

from dashboard.models import Connection
from dashboard.services import claims, connections, secrets, settling
from dashboard.services.failpoints import hit
from dashboard.services.journal import Journal
from dashboard.services.lanes import Lease
from dashboard.services.moves import AfterRefusal
from dashboard.services.outbound import policy_for
from dashboard.services.planning import Call
from dashboard.services.recording import LeaseLost, Recorded, mark, record
from dashboard.services.tokens import DatabaseTokenStore
from providers import auth
from providers.base import BearerAuth, Repeat
from providers.errors import AccessRefused, BadAnswer, Cause, LostAnswer, NotConfigured, NotSent
from providers.http import Transport
from providers.types import Answer, Reading, Signal

log = logging.getLogger("dashboard.execution")
DATABASE_TROUBLE = (DatabaseError, InterfaceError)


class Unsettled(Exception):
    """The database stayed away for too long to be told what became of a call."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What a thread needs to carry out the calls of one lane."""

    lease: Lease
    transport: Transport
    journal: Journal


def transport_for(connection: Connection) -> Transport:
    """A transport that may call this connection's provider. One per thread."""
    return Transport(policy_for(connection.vendor), deadline=settings.CALL_DEADLINE, answer_limit=settings.ANSWER_LIMIT)


def carry_out(call: Call, connection: Connection, hands: Hands) -> None:
    """Send a call and settle its rows, whatever happens. After a 401: once more, with a fresh token. Raises Unsettled."""
    try:
        bearer = isinstance(connection.vendor.auth, BearerAuth)
        refused = _attempt(hands, connection, call, AfterRefusal.AGAIN if bearer else AfterRefusal.PAUSE)
        if refused:
            _attempt(hands, connection, call, AfterRefusal.PAUSE, refused=refused)
    except LeaseLost:
        claims.put_back(hands.lease, call.rows)
    except DATABASE_TROUBLE:
        # What it struck had not left: rows that have are in another state, in which they are not put back.
        log.warning("A call could not be prepared.", exc_info=True)
        database.close()
        _settle(claims.put_back, hands.lease, call.rows)


def _attempt(hands: Hands, connection: Connection, call: Call, refusal: AfterRefusal, *, refused: str = "") -> str:
    """One invocation from record to settlement. Returns the credential that was refused, when the rows are still in hand."""
    recorded = record(connection, hands.lease, call)
    invocation = recorded.invocation
    try:
        authorization = _authorization(hands, connection, refused)
        answer = _exchange(hands, connection, recorded, authorization)
    except NotSent as error:
        if error.cause is Cause.FORBIDDEN_ADDRESS:
            connections.pause(connection=connection, reason=str(error), by=connections.WORKER)
        _settle(settling.unsent, invocation, error)
    except (AccessRefused, NotConfigured) as error:
        connections.pause(connection=connection, reason=str(error), by=connections.WORKER)
        _settle(settling.never_left, invocation, str(error), Cause.TOKEN)
        _settle(claims.put_back, hands.lease, call.rows)
    except BadAnswer as error:
        _settle(settling.unsent, invocation, NotSent(Cause.TOKEN, str(error)))
    except LostAnswer as error:
        _settle(settling.lost, invocation, error)
    else:
        reading = _hear(hands, recorded, answer, refusal)
        if reading and reading.signal is Signal.TOKEN_REFUSED and refusal is AfterRefusal.AGAIN:
            return authorization
    return ""


@sensitive_variables()
def _authorization(hands: Hands, connection: Connection, refused: str) -> str:
    store = DatabaseTokenStore(connection)
    kept = secrets.read(connection=connection)
    return auth.authorization(connection.vendor, connection.account(), kept, store, hands.transport, now=time.time(), refused=refused)


@sensitive_variables()
def _exchange(hands: Hands, connection: Connection, recorded: Recorded, authorization: str) -> Answer:
    answer = hands.transport.exchange(
        recorded.call.request,
        authorization=authorization,
        before_first_byte=partial(mark, recorded),
        fresh_connection=connection.vendor.repeat is Repeat.NEVER,
    )
    hit("answer.received")
    return answer


def _hear(hands: Hands, recorded: Recorded, answer: Answer, refusal: AfterRefusal) -> Reading | None:
    """Put an answer on disk, then into the database; None when the database could not take it, and the journal keeps it."""
    uid = str(recorded.invocation.uid)
    try:
        hands.journal.write(uid, answer)
    except OSError:
        log.exception("The journal cannot be written; the answer goes to the database only.")
    settled: list[Reading] = []
    if not _stored(lambda: settled.append(settling.answered(recorded.invocation, answer, refusal, sent=recorded.call.request))):
        hands.journal.leave(uid)
        return None
    hands.journal.resolve(uid)
    hit("settle.signalled")
    return settled[0]


def _settle(write: Callable[..., object], *what: object) -> None:
    """Write an outcome that nothing else keeps. Raises Unsettled."""
    if not _stored(partial(write, *what)):
        raise Unsettled


def _stored(write: Callable[[], object]) -> bool:
    """Write an outcome; go on trying for a while when the database is away. Whether it was stored."""
    until, pause = time.monotonic() + settings.SETTLE_PATIENCE, 0.1
    while True:
        try:
            write()
            return True
        except DATABASE_TROUBLE:
            log.warning("An outcome could not be stored yet.", exc_info=True)
            database.close()
        if time.monotonic() > until:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 2.0)
