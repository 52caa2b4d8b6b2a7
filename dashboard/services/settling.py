"""Writes what became of a call: the exchange, each attempt, each row. Everything is compare-and-set, so it can be repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import crypto
from dashboard.choices import OUTCOMES, AttemptState, State
from dashboard.models import Attempt, Dispatch, Invocation, Reference
from dashboard.services import judging, moves, pace, repeats
from dashboard.services.failpoints import hit
from dashboard.services.moves import AfterRefusal, Circumstances, Move
from dashboard.services.planning import stored_request
from providers.base import Provider
from providers.errors import Cause, LostAnswer, NotSent
from providers.redact import mask_headers, mask_personal
from providers.types import Answer, Outcome, Reading, Signal, Verdict, WireRequest

# --- answered -------------------------------------------------------------------------------------


def answered(
    invocation: Invocation, answer: Answer, refusal: AfterRefusal = AfterRefusal.QUEUE, *, sent: WireRequest | None = None
) -> Reading:
    """Settle a call whose answer was read; what the answer said. Does nothing when it was settled before.

    `sent` is the request as it left, for those who still have it in hand.
    """
    hit("settle.before")
    vendor = invocation.connection.vendor
    reading = vendor.parse(answer, sent or stored_request(invocation))
    with transaction.atomic():
        now = timezone.now()
        locked = _lock(invocation)
        if locked.answered_at:
            return reading
        attempts = _attempts(locked)
        _close_answered(locked, answer, attempts, now)
        hit("settle.invocation")
        until = pace.slow_down(invocation.connection.lane.pk, reading.retry_after) if reading.signal is Signal.THROTTLED else 0.0
        around = moves.circumstances(
            vendor,
            _live(attempts, locked),
            reading.signal,
            now,
            left_at=_left_at(locked, now),
            held_until=datetime.fromtimestamp(until, UTC),
            tie=invocation.uid.hex,
            refusal=refusal,
            complete=answer.complete,
        )
        _settle_attempts(locked, attempts, reading, around, now, answer.took_ms)
        judging.answered(invocation.connection, reading, answer, refusal)
        hit("settle.rows")
    hit("settle.committed")
    return reading


def _lock(invocation: Invocation) -> Invocation:
    """The invocation as it stands, kept from everybody else until the transaction ends."""
    locked = (
        Invocation.objects.select_for_update(no_key=True).only("uid", "marked_at", "answered_at", "ended_at", "epoch").get(pk=invocation.pk)
    )
    locked.connection = invocation.connection
    return locked


def _close_answered(invocation: Invocation, answer: Answer, attempts: Sequence[Attempt], now: datetime) -> None:
    personal = _literals(invocation.connection.vendor, attempts)
    fields: dict[str, Any] = {
        "answered_at": now,
        "ended_at": now,
        "status": answer.status,
        "answer_headers": [list(pair) for pair in mask_headers(answer.headers)],
        "answer_sealed": crypto.seal(answer.body, invocation.place("answer")),
        "answer_shown": mask_personal(_text(answer.body), personal),
        "answer_complete": answer.complete,
        "connected_ms": answer.connected_ms,
        "took_ms": answer.took_ms,
        "failure": "",
        "failure_text": "",
    }
    Invocation.objects.filter(pk=invocation.pk).update(**fields)


def _text(body: bytes) -> str:
    """Bytes for display; PostgreSQL stores no NUL."""
    return body.decode(errors="replace").replace("\x00", "\ufffd")


def _literals(vendor: Provider, attempts: Sequence[Attempt]) -> set[str]:
    """The personal numbers of the commands in a call, as they stand in its body."""
    commands = [attempt.dispatch.command() for attempt in attempts]
    return {number for command in commands for number in vendor.action(command.action).summarise(command).personal}


def _attempts(invocation: Invocation) -> list[Attempt]:
    return list(invocation.tries.select_related("dispatch").order_by("pk"))


def _live(attempts: Sequence[Attempt], invocation: Invocation) -> list[Dispatch]:
    return [attempt.dispatch for attempt in attempts if _is_live(attempt, invocation)]


def _is_live(attempt: Attempt, invocation: Invocation) -> bool:
    """Whether this call still has the row in hand: nobody has classified it since, and there is no later attempt."""
    row = attempt.dispatch
    in_hand = (State.SENDING,) if invocation.marked_at else (State.CLAIMED,)
    return row.state in in_hand and row.claimed_epoch == invocation.epoch and row.attempts == attempt.number


def _settle_attempts(
    invocation: Invocation, attempts: Sequence[Attempt], reading: Reading, around: Circumstances, now: datetime, took_ms: int
) -> None:
    live: list[tuple[Dispatch, Move]] = []
    noted: dict[tuple[AttemptState, Outcome], list[Attempt]] = {}
    for attempt in attempts:
        row, outcome = attempt.dispatch, _clean(reading.outcomes[attempt.dispatch.key])
        move = moves.answered(row, outcome, around)
        noted.setdefault((AttemptState.UNANSWERED if move.lost else AttemptState.ANSWERED, outcome), []).append(attempt)
        if _is_live(attempt, invocation):
            live.append((row, move))
        elif move.state is State.ACCEPTED:
            _accept_late(row, move, took_ms)
    for (state, outcome), alike in noted.items():
        _note(alike, state, outcome)
    _apply(live, now, took_ms, _left_at(invocation, now))


def _clean(outcome: Outcome) -> Outcome:
    """The outcome without characters that PostgreSQL cannot store or the log cannot carry."""
    said = outcome.said.encode(errors="replace").decode().replace("\x00", "\ufffd")
    return outcome if said == outcome.said else replace(outcome, said=said)


def _note(attempts: Sequence[Attempt], state: AttemptState, outcome: Outcome) -> None:
    fields = {"state": state, "outcome_code": outcome.code, "said": outcome.said, "explanation": outcome.explanation}
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(**fields)


def _accept_late(row: Dispatch, move: Move, took_ms: int) -> None:
    """An answer that came after the row was given up still proves that it arrived."""
    waiting = Dispatch.objects.filter(pk=row.pk, state__in=moves.LATE, unanswered=True)
    if waiting.update(state=State.ACCEPTED, **_facts(move, timezone.now(), took_ms)):
        _refer([row], move.outcome)


# --- not answered ---------------------------------------------------------------------------------


def lost(invocation: Invocation, error: LostAnswer, *, crashed: bool = False) -> None:
    """Settle a call that left and was not answered."""
    outcome = Outcome(Verdict.IN_DOUBT, f"desk.{error.cause}", explanation=_lost_text(error))
    vendor = invocation.connection.vendor
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(invocation)
        if locked.ended_at:
            return
        _close_unanswered(locked, error, now)
        attempts = _attempts(locked)
        rows = _live(attempts, locked)
        for row in rows:
            row.crashes += crashed
        left_at = _left_at(locked, now)
        around = moves.circumstances(vendor, rows, Signal.FAULT, now, left_at=left_at, held_until=now, tie=invocation.uid.hex)
        _note(attempts, AttemptState.UNANSWERED, outcome)
        _apply([(row, moves.doubtful(outcome, around)) for row in rows], now, error.took_ms, left_at)
        if not crashed:
            judging.lost(invocation.connection, error)


def _lost_text(error: LostAnswer) -> str:
    return _("The request left, but no answer was read: %(why)s Nothing proves whether the provider acted on it.") % {"why": error}


def unsent(invocation: Invocation, error: NotSent) -> None:
    """Settle a call of which provably nothing left. Nothing happens to rows that somebody else has taken over."""
    final = error.cause is Cause.ILLEGAL_REQUEST
    outcome = Outcome(Verdict.NOT_SENT, f"desk.{error.cause}", explanation=_("Nothing left: %(why)s") % {"why": error})
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(invocation)
        if locked.ended_at:
            return
        _close_unanswered(locked, error, now)
        attempts = _attempts(locked)
        rows = _live(attempts, locked)
        _note(attempts, AttemptState.NOT_SENT, outcome)
        _apply([(row, _unsent_move(row, rows, outcome, now, final=final)) for row in rows], now, error.took_ms, now)
        judging.unsent(invocation.connection, error)


def never_left(invocation: Invocation, text: str, cause: Cause = Cause.CLOSED) -> None:
    """Close a call of which nothing left, without touching its rows. From then on it cannot be marked any more."""
    with transaction.atomic():
        fields = {"ended_at": timezone.now(), "failure": cause, "failure_text": text[:500]}
        if Invocation.objects.filter(pk=invocation.pk, ended_at__isnull=True, marked_at__isnull=True).update(**fields):
            invocation.tries.update(state=AttemptState.NOT_SENT, outcome_code="desk.never_left", explanation=text)


def _unsent_move(row: Dispatch, rows: Sequence[Dispatch], outcome: Outcome, now: datetime, *, final: bool) -> Move:
    if not final:
        then = repeats.after_not_sent(rows, now)
        return Move(then.state, outcome, then.due_at)
    return Move(State.IN_DOUBT if row.unanswered else State.NOT_SENT, outcome)


def _close_unanswered(invocation: Invocation, error: LostAnswer | NotSent, now: datetime) -> None:
    fields: dict[str, Any] = {"ended_at": now, "failure": error.cause, "failure_text": str(error)[:500], "took_ms": error.took_ms}
    Invocation.objects.filter(pk=invocation.pk).update(**fields)


# --- rows -----------------------------------------------------------------------------------------


def _left_at(invocation: Invocation, now: datetime) -> datetime:
    """When a call left, however much later that is found out; never ahead, where another machine's clock was."""
    return min(invocation.marked_at or now, now)


def _apply(pairs: Iterable[tuple[Dispatch, Move]], now: datetime, took_ms: int, left_at: datetime) -> None:
    """Move the rows: one conditional UPDATE for all that stand alike and go the same way."""
    alike: dict[tuple[str, int, bool, int, Move], list[Dispatch]] = {}
    for row, move in pairs:
        alike.setdefault((row.state, row.claimed_epoch, row.unanswered, row.crashes, move), []).append(row)
    for (state, epoch, unanswered, crashes, move), rows in alike.items():
        mine = Dispatch.objects.filter(pk__in=[row.pk for row in rows], state=state, claimed_epoch=epoch)
        fields = _facts(move, now, took_ms) | _doubt(move, left_at, unanswered=unanswered) | {"crashes": crashes}
        if mine.update(state=move.state, **fields):
            _refer(rows, move.outcome)


def _facts(move: Move, now: datetime, took_ms: int) -> dict[str, Any]:
    outcome = move.outcome
    fields: dict[str, Any] = {
        "outcome_code": outcome.code,
        "said": outcome.said,
        "explanation": outcome.explanation,
        "advice": outcome.advice,
    }
    if move.state in OUTCOMES:
        fields |= {"settled_at": now, "took_ms": took_ms}
    if move.due_at:
        fields["due_at"] = move.due_at
    if move.call_group is not None:
        fields["call_group"] = move.call_group
    return fields


def _doubt(move: Move, left_at: datetime, *, unanswered: bool) -> dict[str, Any]:
    if not move.lost:
        return {}
    return {"repeats": F("repeats") + 1} if unanswered else {"unanswered": True, "first_unanswered_at": left_at}


def _refer(rows: Sequence[Dispatch], outcome: Outcome) -> None:
    references = [
        Reference(dispatch=row, kind=kind, value=_kept(kind, value), folded=_kept(kind, value).lower())
        for row in rows
        for kind, value in outcome.references
        if value
    ]
    Reference.objects.bulk_create(references, ignore_conflicts=True)


def _kept(kind: str, value: str) -> str:
    return crypto.number_hash(value) if kind == "number" else value[:500].replace("\x00", "")
