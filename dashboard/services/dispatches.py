"""What people do with dispatches: make them, take them back, hurry them, decide doubts, send them again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.choices import RECALLABLE, Source, State
from dashboard.models import Dispatch, Person
from dashboard.services import audit
from dashboard.services.deciding import decide, decide_many, undecided
from dashboard.services.refs import new_ref, refs_of
from dashboard.services.refusals import KeyTaken, OtherContent, Refused
from dashboard.services.submitting import Request, Submitted, needed, submit
from dashboard.services.superseding import may_send_again_at, offers_again
from providers.types import Command

__all__ = [
    "KeyTaken",
    "OtherContent",
    "Refused",
    "Request",
    "Submitted",
    "cancel",
    "decide",
    "decide_many",
    "may_send_again_at",
    "needed",
    "new_ref",
    "offers_again",
    "prepare_again",
    "refs_of",
    "send_again",
    "send_now",
    "submit",
    "undecided",
]


def cancel(*, dispatch: Dispatch, by: Person) -> None:
    """Take a dispatch back before it leaves. Raises Refused when it is too late or its fate is unknown."""
    recallable = Dispatch.objects.filter(pk=dispatch.pk, state__in=RECALLABLE, unanswered=False)
    with transaction.atomic():
        if not recallable.update(state=State.CANCELLED, settled_at=timezone.now()):
            raise Refused(_("%(ref)s cannot be taken back any more.") % {"ref": dispatch.ref})
        audit.record(by, "dispatch.cancelled", obj=dispatch, detail={"name": dispatch.ref})
    dispatch.refresh_from_db()


def send_now(*, dispatch: Dispatch, by: Person) -> None:
    """End the undo window or the schedule of a held dispatch. Raises Refused when it is not held, or suspended."""
    held = Dispatch.objects.filter(pk=dispatch.pk, state=State.HELD, suspended=False)
    with transaction.atomic():
        if not held.update(state=State.QUEUED, due_at=timezone.now()):
            raise Refused(_("%(ref)s does not wait for its time any more.") % {"ref": dispatch.ref})
        audit.record(by, "dispatch.hurried", obj=dispatch, detail={"name": dispatch.ref})
    dispatch.refresh_from_db()


def prepare_again(*, dispatch: Dispatch, ref: str) -> Request:
    """The same command under the key of a new reference."""
    vendor = dispatch.connection.vendor
    frozen = dispatch.command()
    command = Command(action=frozen.action, key=vendor.suggest_key(ref), values=frozen.values)
    return Request(command, vendor.action(command.action).summarise(command), dispatch.item)


def send_again(*, dispatch: Dispatch, by: Person, ref: str = "", source: Source | str = Source.SCREEN) -> Submitted:
    """Make a new dispatch of the same command that supersedes this one. Raises Refused, also before the quiet period is over."""
    ref = ref or new_ref()
    request = prepare_again(dispatch=dispatch, ref=ref)
    return submit(connection=dispatch.connection, requests=[request], ref=ref, by=by, source=source, supersedes=dispatch)
