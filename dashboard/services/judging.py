"""What the end of a call says about its provider: it goes to the breaker, pauses the connection, or goes on record."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.models import Connection
from dashboard.services import audit, breaker, connections
from dashboard.services.moves import AfterRefusal
from providers.errors import Cause, LostAnswer, NotSent
from providers.types import Answer, Reading, Signal

SUSPECT = frozenset({Cause.NAME_LOOKUP, Cause.CONNECT, Cause.TLS, Cause.TOKEN, Cause.DEADLINE})
"""Causes that say something against the provider or the way to it, and count towards the breaker."""


def answered(connection: Connection, reading: Reading, answer: Answer, refusal: AfterRefusal) -> None:
    """A call that was answered."""
    _judge(connection, reading, answer)
    _pause(connection, reading, refusal)


def _judge(connection: Connection, reading: Reading, answer: Answer) -> None:
    """What an answer says about the provider's health."""
    said = next((outcome.explanation or outcome.said for outcome in reading.outcomes.values()), "") or f"HTTP {answer.status}"
    lane_id = connection.lane.pk
    if reading.signal is Signal.FAULT:
        breaker.failed(lane_id, connection.vendor.limits.breaker, said)
    elif reading.signal in (Signal.NONE, Signal.TOO_LARGE, Signal.TARGET_REFUSED):
        breaker.succeeded(lane_id, answer.took_ms)
    else:
        breaker.note(lane_id, said)


def _pause(connection: Connection, reading: Reading, refusal: AfterRefusal) -> None:
    """Pause a connection whose every call would fail alike, before its rows can be claimed again."""
    refused = reading.signal is Signal.TOKEN_REFUSED and refusal is AfterRefusal.PAUSE
    if not refused and reading.signal not in (Signal.ACCESS_REFUSED, Signal.TARGET_REFUSED, Signal.REDIRECTED):
        return
    outcome = next(iter(reading.outcomes.values()), None)
    reason = (outcome.explanation or outcome.said) if outcome else ""
    connections.pause(connection=connection, reason=reason or _("The provider refused access."), by=connections.WORKER)
    if reading.signal is Signal.REDIRECTED:
        audit.record(connections.WORKER, "redirect.refused", obj=connection, detail={"name": connection.name})


def lost(connection: Connection, error: LostAnswer) -> None:
    """A call that left and was not answered."""
    breaker.failed(connection.lane.pk, connection.vendor.limits.breaker, str(error))


def unsent(connection: Connection, error: NotSent) -> None:
    """What a call that could not leave says about the way to the provider. An identity that does not hold is for the record."""
    if error.cause in SUSPECT:
        breaker.failed(connection.lane.pk, connection.vendor.limits.breaker, str(error), at_once=error.cause is Cause.TLS)
    if error.cause is Cause.TLS:
        audit.record(connections.WORKER, "tls.refused", obj=connection, detail={"name": connection.name, "reason": str(error)})
