"""Bugs that are planted to see whether the tests see them: each breaks one rule of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Invocation
from dashboard.services import (
    claims,
    dispatches,
    draining,
    execution,
    moves,
    planning,
    reconcile,
    recording,
    repeats,
    replaying,
    settling,
)
from dashboard.services.failpoints import hit
from dashboard.services.lanes import Lease
from dashboard.services.moves import AfterRefusal, Circumstances, Move
from dashboard.services.planning import Call, Plan
from dashboard.services.recording import Recorded
from providers import wire
from providers.base import Repeat
from providers.http import Transport
from providers.types import Answer, Command, Outcome, Signal, WireRequest
from tests.faults import plants_desk
from tests.faults.bugs import PLANTS, Patch, plant, planted

__all__ = ["PLANTS", "plant", "plants_desk"]


# --- the mark ---------------------------------------------------------------------------------------


@planted("the mark is written after the bytes")
def mark_after_bytes(patch: Patch) -> None:
    read = wire.Stream.read

    def leave(self: wire.Stream, exchange: wire.Exchange) -> None:
        exchange.left = True

    def read_late(self: wire.Stream, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._wire.exchange.left:
            self._wire.exchange.write_mark()
            self._wire.exchange.mark = None
        return read(self, max_bytes, timeout)

    patch(wire.Stream, "_leave", leave)
    patch(wire.Stream, "read", read_late)


@planted("lease and epoch are not checked in the mark")
def unfenced_mark(patch: Patch) -> None:
    def mark(recorded: Recorded) -> None:
        hit("mark.before")
        Dispatch.objects.filter(pk__in=recorded.ids).update(state=State.SENDING)
        Invocation.objects.filter(pk=recorded.invocation.pk).update(marked_at=timezone.now())

    patch(execution, "mark", mark)


# --- repeats ----------------------------------------------------------------------------------------


@planted("the key is remade for a repeat")
def key_remade(patch: Patch) -> None:
    def repeat(connection: Connection, rows: Sequence[Dispatch], made: Plan) -> None:
        for row in rows:
            frozen = row.command()
            row.key = connection.vendor.suggest_key(dispatches.new_ref())
            row.seal_command(Command(frozen.action, row.key, frozen.values))
            row.save()
        planning._build(connection, rows, made)

    patch(planning, "_repeat", repeat)


@planted("the body is rebuilt for a repeat, with whatever waits")
def body_rebuilt(patch: Patch) -> None:
    patch(planning, "_together", lambda rows: [list(rows)])
    patch(planning, "_repeat", planning._build)


@planted("a text is repeated after a lost answer")
def text_repeated(patch: Patch) -> None:
    after_doubt = repeats.after_doubt
    patch(repeats, "after_doubt", lambda rule, *rest: after_doubt(Repeat.SAME_ID, *rest))
    patch(repeats, "window_of", lambda rule: 900.0)


@planted("what was given up is sent")
def given_up_sent(patch: Patch) -> None:
    for module in (claims, recording):
        patch(module, "in_time", lambda now: Q())


@planted("the time for repeats begins when a crash is found")
def window_from_discovery(patch: Patch) -> None:
    patch(settling, "_left_at", lambda invocation, now: now)


@planted("a server error counts as not sent")
def error_means_unsent(patch: Patch) -> None:
    def doubtful(outcome: Outcome, around: Circumstances) -> Move:
        return Move(State.WAITING, outcome, around.after_not_sent.due_at)

    patch(moves, "doubtful", doubtful)


@planted("a redirect is followed")
def redirect_followed(patch: Patch) -> None:
    exchange = Transport.exchange

    def follow(self: Transport, request: WireRequest, **terms: Any) -> Answer:
        answer = exchange(self, request, **terms)
        if 300 <= answer.status < 400:
            terms["before_first_byte"] = None
            return exchange(self, replace(request, url=dict(answer.headers)["Location"]), **terms)
        return answer

    patch(Transport, "exchange", follow)


@planted("a text goes over a connection that was kept alive")
def connection_reused(patch: Patch) -> None:
    exchange = Transport.exchange

    def reuse(self: Transport, request: WireRequest, *, fresh_connection: bool = False, **terms: Any) -> Answer:
        return exchange(self, request, **terms)

    patch(Transport, "exchange", reuse)


# --- what answers mean ------------------------------------------------------------------------------


@planted("a row with an unanswered attempt is rejected cleanly")
def rejected_cleanly(patch: Patch) -> None:
    patch(moves, "_rejected", lambda row, outcome, around: Move(State.REJECTED, outcome))


@planted("a taken name counts as proof on a clean first attempt")
def name_believed(patch: Patch) -> None:
    def rejected(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
        return Move(State.ACCEPTED if outcome.proves_earlier else State.REJECTED, outcome)

    patch(moves, "_rejected", rejected)


@planted("“too many requests” counts as a rejection")
def throttled_rejected(patch: Patch) -> None:
    not_processed = moves._not_processed

    def reject(row: Dispatch, outcome: Outcome, around: Circumstances) -> Move:
        return Move(State.REJECTED, outcome) if around.signal is Signal.THROTTLED else not_processed(row, outcome, around)

    patch(moves, "_not_processed", reject)


@planted("a 401 is repeated for ever")
def unauthorized_for_ever(patch: Patch) -> None:
    def carry_out(call: Call, connection: Connection, hands: execution.Hands) -> None:
        refused = ""
        for _time in range(20):
            refused = execution._attempt(hands, connection, call, AfterRefusal.AGAIN, refused=refused)

    patch(draining, "carry_out", carry_out)


@planted("an answer is dropped when it cannot be stored")
def answer_dropped(patch: Patch) -> None:
    def once(write: Callable[[], object]) -> bool:
        try:
            write()
        except execution.DATABASE_TROUBLE:
            return False
        return True

    patch(execution, "_stored", once)
    patch(replaying, "settle", lambda entry: None)


# --- crashes ----------------------------------------------------------------------------------------


@planted("the journal of a dead worker is thrown away")
def journal_ignored(patch: Patch) -> None:
    patch(replaying, "settle", lambda entry: None)


@planted("what a dead worker was sending goes back to the queue")
def sent_requeued(patch: Patch) -> None:
    def requeue(lease: Lease) -> int:
        Dispatch.objects.filter(connection_id=lease.connection_id, state=State.SENDING).update(state=State.QUEUED)
        return 0

    patch(reconcile, "_classify_sent", requeue)


@planted("crashes are not counted")
def crashes_uncounted(patch: Patch) -> None:
    patch(reconcile, "_return_claimed", lambda stale: stale.filter(state=State.CLAIMED).update(state=State.QUEUED))
