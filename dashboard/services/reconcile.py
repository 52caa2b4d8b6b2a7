"""Finds what a dead worker left behind, and what waited too long, and puts each row where its evidence allows."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.choices import AttemptState, State
from dashboard.models import Dispatch, Invocation, Lane
from dashboard.services import journal, replaying, settling
from dashboard.services.failpoints import hit
from dashboard.services.identity import surely_dead
from dashboard.services.lanes import Lease
from dashboard.services.literals import Literal
from dashboard.services.repeats import windows
from providers.errors import Cause, LostAnswer
from providers.wire import steady

MARGIN = 5.0
"""Seconds added to the deadline, after which a call that we have watched so long counts as over."""
ENDED = _("The worker that sent it ended before the answer was stored.")


def recover(lease: Lease) -> int:
    """Classify what earlier holders of a lane left; how many of their calls may still be under way."""
    stale = Dispatch.objects.filter(connection_id=lease.connection_id, claimed_epoch__lt=lease.epoch)
    if stale.filter(state=State.CLAIMED).exists():
        _close_unmarked(lease)
        _return_claimed(stale)
        hit("recover.claimed")
    if stale.filter(state=State.SENDING).exists():
        return _classify_sent(lease)
    return 0


def _close_unmarked(lease: Lease) -> None:
    """Calls without a mark never left: their attempts end as that."""
    for invocation in _open(lease).filter(marked_at__isnull=True):
        settling.never_left(invocation, _("The worker ended before it left."))


def _open(lease: Lease) -> QuerySet[Invocation]:
    calls = Invocation.objects.filter(connection_id=lease.connection_id, ended_at__isnull=True, epoch__lt=lease.epoch)
    return calls.select_related("connection__lane")


def _return_claimed(stale: QuerySet[Dispatch]) -> None:
    """Rows that were claimed and not sent: back to the queue, or set aside when they were there at too many crashes."""
    claimed = stale.filter(state=State.CLAIMED)
    claimed.filter(crashes__lt=settings.CRASHES_ALLOWED - 1).update(state=State.QUEUED, crashes=F("crashes") + 1)
    for unanswered, state in ((False, State.NOT_SENT), (True, State.IN_DOUBT)):
        set_aside(claimed.filter(unanswered=unanswered), state)


def set_aside(rows: QuerySet[Dispatch], state: State) -> int:
    """End rows that were in a worker's hands each time that one crashed."""
    text = _("It was set aside: %(count)s times a worker crashed while it prepared this dispatch.") % {"count": settings.CRASHES_ALLOWED}
    fields = {"outcome_code": "desk.set_aside", "explanation": text, "settled_at": timezone.now()}
    return rows.update(state=state, crashes=F("crashes") + 1, **fields)


def _classify_sent(lease: Lease) -> int:
    """Calls that left and whose worker is gone; those that may still be answered elsewhere are left and counted."""
    calls = list(_open(lease).filter(marked_at__isnull=False))
    # Who is dead is asked before the journals are read: what a worker was answered in its last moment is better evidence than its silence.
    dead = {call.worker for call in calls if surely_dead(call.worker)}
    replaying.replay_abandoned()
    over = [call for call in calls if _is_over(call, lease, dead)]
    for call in over:
        settling.lost(call, LostAnswer(Cause.CLOSED, ENDED), crashed=True)
        hit("recover.sending")
    return len(calls) - len(over)


def _is_over(call: Invocation, lease: Lease, dead: Set[str]) -> bool:
    """Whether a call can be under way no more. How long it has been is measured by our own clock alone.

    A dead worker's journal that is still there is in somebody's hands: another reads it, or a thread of the dead one still has it open.
    """
    since = lease.watched.setdefault(call.pk, steady())
    silent = call.worker in dead and not journal.is_kept(call.worker)
    return silent or steady() - since > settings.CALL_DEADLINE + MARGIN


# --- what waited too long ---------------------------------------------------------------------------


def give_up() -> None:
    """End rows whose time is over: not sent when nothing of them ever left, in doubt otherwise."""
    now = timezone.now()
    waiting = Dispatch.objects.filter(state__in=[Literal(State.QUEUED), Literal(State.WAITING)])
    # What is held stays so while its connection is paused: nobody queues it there.
    held = Dispatch.objects.filter(state=Literal(State.HELD), due_at__lte=now)
    for late in (waiting.filter(unanswered=False), held):
        for row in late.filter(give_up_at__lte=now).select_related("connection__lane")[:500]:
            _give_up(row)
    _end_doubtful(waiting.filter(give_up_at__lte=now))
    for key, since in windows(now).items():
        _end_doubtful(waiting.filter(provider=key, first_unanswered_at__lte=since))


def _end_doubtful(rows: QuerySet[Dispatch]) -> None:
    """The repeats of these rows are over: whether they arrived stays in doubt."""
    doubtful = rows.filter(unanswered=True)
    if doubtful.exists():
        text = _("It could not be found out in time what became of it.")
        doubtful.update(state=State.IN_DOUBT, outcome_code="desk.repeats_over", explanation=text, settled_at=timezone.now())


def _give_up(row: Dispatch) -> None:
    lane: Lane = row.connection.lane
    reason = row.explanation or (row.connection.paused_reason if row.connection.is_paused else "") or lane.last_error
    text = _("It was given up: it did not get through in time. %(why)s") % {"why": reason}
    waiting = Dispatch.objects.filter(pk=row.pk, state=row.state, unanswered=False)
    waiting.update(state=State.NOT_SENT, outcome_code="desk.given_up", explanation=text.strip(), settled_at=timezone.now())


def close_orphans() -> None:
    """End invocations that no row waits for any more, so that the list of open ones stays short."""
    old = timezone.now() - timedelta(seconds=settings.CALL_DEADLINE + settings.LANE_LEASE + MARGIN)
    for invocation in Invocation.objects.filter(ended_at__isnull=True, created_at__lt=old)[:100]:
        held = invocation.tries.filter(dispatch__state__in=[State.CLAIMED, State.SENDING], dispatch__claimed_epoch=invocation.epoch)
        if held.exists():
            continue
        with transaction.atomic():
            Invocation.objects.filter(pk=invocation.pk, ended_at__isnull=True).update(ended_at=timezone.now(), failure=Cause.CLOSED)
            left = AttemptState.UNANSWERED if invocation.marked_at else AttemptState.NOT_SENT
            invocation.tries.filter(state=AttemptState.OPEN).update(state=left)


def refuse(lease: Lease, row: Dispatch, reason: str, *, crashed: bool) -> None:
    """End a claimed row whose request cannot be made; after a failure nobody foresaw it is tried a few times."""
    mine = Dispatch.objects.filter(pk=row.pk, state=State.CLAIMED, claimed_epoch=lease.epoch)
    end = State.IN_DOUBT if row.unanswered else State.NOT_SENT
    if not crashed:
        mine.update(state=end, outcome_code="desk.cannot_express", explanation=reason, settled_at=timezone.now())
    elif row.crashes + 1 >= settings.CRASHES_ALLOWED:
        set_aside(mine, end)
    else:
        mine.update(state=State.QUEUED, crashes=F("crashes") + 1)
