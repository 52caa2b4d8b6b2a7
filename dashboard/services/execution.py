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

from dashboard.models import Connection, Invocation
from dashboard.services import audit, claims, connections, secrets, settling
from dashboard.services.failpoints import hit
from dashboard.services.journal import Journal
from dashboard.services.lanes import Lease
from dashboard.services.planning import Call
from dashboard.services.recording import LeaseLost, Recorded, mark, record
from dashboard.services.tokens import DatabaseTokenStore
from providers import auth
from providers.base import BasicAuth, Repeat
from providers.errors import AccessRefused, BadAnswer, Cause, LostAnswer, NotConfigured, NotSent
from providers.http import Transport
from providers.outbound import Policy
from providers.types import Answer, Reading, Signal

log = logging.getLogger("dashboard.execution")
DATABASE_TROUBLE = (DatabaseError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Hands:
    """What a thread needs to carry out the calls of one lane."""

    lease: Lease
    transport: Transport
    journal: Journal


def transport_for(connection: Connection) -> Transport:
    """A transport that may call this connection's provider. One per thread."""
    policy = Policy(hosts=(*connection.vendor.hosts, *settings.OUTBOUND_HOSTS), loopback=settings.OUTBOUND_LOOPBACK)
    return Transport(policy, deadline=settings.CALL_DEADLINE, answer_limit=settings.ANSWER_LIMIT)


def carry_out(call: Call, connection_id: int, hands: Hands) -> None:
    """Send a call and settle its rows, whatever happens."""
    connection = Connection.objects.select_related("lane").get(pk=connection_id)
    try:
        heard = _attempt(hands, connection, call, refused="")
        if heard and heard.reading.signal is Signal.TOKEN_REFUSED:
            _once_more(hands, connection, call, heard.authorization)
    except LeaseLost:
        claims.put_back(hands.lease, call.rows)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a call was answered, and with which credential it had gone."""

    reading: Reading
    authorization: str


def _once_more(hands: Hands, connection: Connection, call: Call, refused: str) -> None:
    """After a 401: the same call with a fresh token, once. A second refusal pauses the connection."""
    text = "The provider refused the credentials (401)."
    if isinstance(connection.vendor.auth, BasicAuth):
        connections.pause(connection=connection, reason=text, by=connections.WORKER)
        return
    rows = claims.reclaim(hands.lease, call.rows)
    if len(rows) != len(call.rows):
        claims.put_back(hands.lease, rows)
        return
    again = Call(tuple(rows), call.request, call.shown)
    heard = _attempt(hands, connection, again, refused=refused)
    if heard and heard.reading.signal is Signal.TOKEN_REFUSED:
        connections.pause(connection=connection, reason=text, by=connections.WORKER)


def _attempt(hands: Hands, connection: Connection, call: Call, *, refused: str) -> _Heard | None:
    """One invocation from record to settlement; what was heard, or None when there was no answer."""
    recorded = record(connection, hands.lease, call)
    recorded.invocation.connection = connection
    try:
        authorization = _authorization(hands, connection, refused)
        answer = _exchange(hands, connection, recorded, authorization)
    except NotSent as error:
        _stored(partial(settling.unsent, recorded.invocation, error))
        _signal_unsent(connection, error)
        return None
    except (AccessRefused, NotConfigured) as error:
        _stored(partial(settling.never_left, recorded.invocation, str(error), Cause.TOKEN))
        _stored(partial(claims.put_back, hands.lease, call.rows))
        connections.pause(connection=connection, reason=str(error), by=connections.WORKER)
        return None
    except BadAnswer as error:
        _stored(partial(settling.unsent, recorded.invocation, NotSent(Cause.TOKEN, str(error))))
        return None
    except LostAnswer as error:
        _stored(partial(settling.lost, recorded.invocation, error))
        return None
    reading = _hear(hands, connection, recorded.invocation, answer)
    return _Heard(reading, authorization) if reading else None


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


def _hear(hands: Hands, connection: Connection, invocation: Invocation, answer: Answer) -> Reading | None:
    """Put an answer on disk, then into the database, then act on what it says of the connection."""
    uid = str(invocation.uid)
    try:
        hands.journal.write(uid, answer)
    except OSError:
        log.exception("The journal cannot be written; the answer goes to the database only.")
    settled: list[Reading] = []
    if not _stored(lambda: settled.append(settling.answered(invocation, answer))):
        return None
    hands.journal.resolve(uid)
    _signal(connection, settled[0])
    hit("settle.signalled")
    return settled[0]


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


# --- what a call says of its connection -------------------------------------------------------------


def _signal(connection: Connection, reading: Reading) -> None:
    """Pause a connection whose every call would fail alike."""
    if reading.signal not in (Signal.ACCESS_REFUSED, Signal.TARGET_REFUSED, Signal.REDIRECTED):
        return
    outcome = next(iter(reading.outcomes.values()), None)
    reason = (outcome.explanation or outcome.said) if outcome else ""
    connections.pause(connection=connection, reason=reason or "The provider refused access.", by=connections.WORKER)
    if reading.signal is Signal.REDIRECTED:
        audit.record(connections.WORKER, "redirect.refused", obj=connection, detail={"name": connection.name})


def _signal_unsent(connection: Connection, error: NotSent) -> None:
    if error.cause is Cause.FORBIDDEN_ADDRESS:
        connections.pause(connection=connection, reason=str(error), by=connections.WORKER)
