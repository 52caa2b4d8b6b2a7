"""When a dispatch may be sent again in place of an earlier one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.choices import Found, State
from dashboard.models import Decision, Dispatch
from dashboard.services.refusals import Refused


def may_send_again_at(dispatch: Dispatch) -> datetime:
    """When the quiet period of a dispatch in doubt is over: no worker can still be sending it then."""
    settled = dispatch.settled_at or timezone.now()
    if dispatch.state != State.IN_DOUBT:
        return settled
    marks = dispatch.tries.filter(invocation__marked_at__isnull=False).order_by("-invocation__marked_at")
    last = marks.values_list("invocation__marked_at", flat=True).first() or settled
    return last + timedelta(seconds=settings.LANE_LEASE + settings.CALL_DEADLINE + settings.QUIET_MARGIN)


def offers_again(dispatch: Dispatch) -> bool:
    """Whether it can be sent again, now or after its quiet period: it never left, or somebody found that it did not arrive."""
    decision = getattr(dispatch, "decision", None)
    lost = decision is not None and decision.found == Found.DID_NOT_ARRIVE
    return (lost or dispatch.state == State.NOT_SENT) and not hasattr(dispatch, "superseded_by")


def check_may_supersede(earlier: Dispatch) -> None:
    """Refuse, in words, what must not be sent again (yet)."""
    if earlier.state not in (State.IN_DOUBT, State.NOT_SENT, State.REJECTED):
        raise Refused(_("%(ref)s cannot be sent again: its state is “%(state)s”.") % {"ref": earlier.ref, "state": earlier.status.label})
    if earlier.state != State.IN_DOUBT:
        return
    if not Decision.objects.filter(dispatch=earlier, found=Found.DID_NOT_ARRIVE).exists():
        raise Refused(_("First record for %(ref)s that it did not arrive.") % {"ref": earlier.ref})
    if (opens := may_send_again_at(earlier)) > timezone.now():
        text = _("%(ref)s may be sent again from %(when)s (%(zone)s): until then an earlier attempt could still be under way.")
        when = date_format(timezone.localtime(opens), "j M Y, H:i:s")
        raise Refused(text % {"ref": earlier.ref, "when": when, "zone": timezone.get_current_timezone_name()})
