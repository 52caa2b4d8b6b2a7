"""What people find out about dispatches in doubt."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.choices import Found, State
from dashboard.models import Connection, Decision, Dispatch, Person
from dashboard.services import audit
from dashboard.services.refusals import Refused

REASON_LENGTH = 500


def decide(*, dispatch: Dispatch, found: Found | str, reason: str, by: Person) -> Decision:
    """Record, with a reason, whether a dispatch in doubt arrived. Raises Refused when it is not in doubt or was decided before."""
    reason = _checked(reason)
    try:
        with transaction.atomic():
            if not Dispatch.objects.select_for_update().filter(pk=dispatch.pk, state=State.IN_DOUBT).exists():
                raise Refused(_("%(ref)s is not in doubt any more.") % {"ref": dispatch.ref})
            return _record(dispatch, Found(found), reason, by)
    except IntegrityError:
        earlier = Decision.objects.get(dispatch=dispatch)
        text = _("%(ref)s was already decided by %(who)s.")
        raise Refused(text % {"ref": dispatch.ref, "who": earlier.decided_by_name}) from None


def decide_many(*, connection: Connection, since: datetime, until: datetime, found: Found | str, reason: str, by: Person) -> int:
    """Decide all that is undecided on one connection and was first in doubt between two moments. Returns how many."""
    reason = _checked(reason)
    with transaction.atomic():
        window = undecided(connection, since, until).select_for_update(of=("self",))
        return len([_record(dispatch, Found(found), reason, by) for dispatch in window])


def undecided(connection: Connection, since: datetime, until: datetime) -> QuerySet[Dispatch]:
    """The dispatches of a connection in doubt without a decision whose answer was first missed between two moments."""
    doubtful = Dispatch.objects.filter(connection=connection, state=State.IN_DOUBT, decision__isnull=True)
    return doubtful.filter(first_unanswered_at__gte=since, first_unanswered_at__lte=until).order_by("pk")


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise Refused(_("Give a reason of 1 to %(most)s characters.") % {"most": REASON_LENGTH})
    return reason


def _record(dispatch: Dispatch, found: Found, reason: str, by: Person) -> Decision:
    decision = Decision.objects.create(
        dispatch=dispatch, found=found, reason=reason, decided_at=timezone.now(), decided_by=by, decided_by_name=by.username
    )
    audit.record(by, "dispatch.decided", obj=dispatch, detail={"name": dispatch.ref, "found": str(found.label), "reason": reason})
    return decision
