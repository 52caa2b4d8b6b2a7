"""When sending asks for a second look, and the proof that it was given for exactly this request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.choices import Environment, State
from dashboard.models import Connection, Dispatch
from dashboard.services.compose import Prepared, Sheet
from dashboard.services.submitting import number_hashes
from providers.types import Summary

REACHED_NOBODY = (State.REJECTED, State.NOT_SENT, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a send has to be confirmed."""

    text: str
    earlier: Dispatch | None = None
    """The dispatch that makes this one questionable."""


def reasons(sheet: Sheet, prepared: Prepared) -> list[Reason]:
    """Why this send has to be confirmed; empty when it may go at once."""
    found = []
    if sheet.connection.environment == Environment.PRODUCTION:
        found.append(Reason(_("%(connection)s is a production account: this reaches real people.") % {"connection": sheet.connection}))
    if sheet.action.reaches_many:
        found.append(Reason(_("One send reaches a whole audience, not one person.")))
    return found + repeats(sheet, prepared)


def repeats(sheet: Sheet, prepared: Prepared) -> list[Reason]:
    """A reason when something went to the same number lately and the provider does not support that."""
    earlier = earlier_to_number(connection=sheet.connection, summary=prepared.request.summary, ref=sheet.ref)
    return [Reason(repeated_number(sheet.connection), earlier)] if earlier else []


def repeated_number(connection: Connection) -> str:
    """The warning about a second dispatch to one number."""
    hours, provider = connection.vendor.limits.hours_per_number, connection.vendor.label
    text = ngettext(
        "A dispatch went to this number within the last hour. %(provider)s does not support a second one.",
        "A dispatch went to this number within the last %(hours)s hours. %(provider)s does not support a second one.",
        hours,
    )
    return text % {"hours": hours, "provider": provider}


def earlier_to_number(*, connection: Connection, summary: Summary, ref: str) -> Dispatch | None:
    """The newest dispatch of this connection to one of the same numbers, where the vendor supports one in some hours only.

    One that was refused, never left or was taken back does not count, nor does the one that this very form (`ref`) made.
    """
    hours = connection.vendor.limits.hours_per_number
    if not hours or not summary.personal:
        return None
    recent = Dispatch.objects.filter(connection=connection, created_at__gt=timezone.now() - timedelta(hours=hours))
    hashes = number_hashes(summary.personal, connection.country)
    same = recent.filter(references__kind="number", references__folded__in=hashes).exclude(state__in=REACHED_NOBODY)
    return same.exclude(submission=ref).order_by("-id").first()


def confirmation(sheet: Sheet, prepared: Prepared, due_at: datetime | None, why: Sequence[Reason]) -> str:
    """A mark that only this request, for this time and these reasons, has: the confirmation page carries it back."""
    said = [sheet.ref, prepared.wire.method, prepared.wire.url, prepared.wire.body.hex(), due_at.isoformat() if due_at else ""]
    said += [reason.text for reason in why]
    return salted_hmac("dashboard.compose.confirmed", "\n".join(said), algorithm="sha256").hexdigest()
