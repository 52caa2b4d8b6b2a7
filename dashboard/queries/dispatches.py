"""One dispatch in full: its facts, its timeline, its exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.choices import AttemptState, State
from dashboard.models import Attempt, Dispatch, Invocation
from providers.types import Draft

REFERENCE_LABELS: dict[str, str | Promise] = {
    "request_id": gettext_lazy("Request ID"),
    "external_id": gettext_lazy("External ID"),
    "message_name": gettext_lazy("Message name"),
    "ticket_id": gettext_lazy("Ticket"),
    "chat_id": gettext_lazy("Chat ID"),
    "chat_status": gettext_lazy("Chat status"),
    "job_id": gettext_lazy("Job ID"),
    "agent": gettext_lazy("Agent"),
    "end_user_id": gettext_lazy("End user ID"),
    "outbound_number": gettext_lazy("Outbound number as read"),
}
HIDDEN_REFERENCES = ("number", "target")


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    at: datetime
    title: str
    text: str = ""
    kind: str = ""


def one(ref: str) -> Dispatch:
    """The dispatch of that reference with all that its page shows; raises Http404."""
    rows = Dispatch.objects.select_related("connection", "connection__lane", "item", "supersedes", "superseded_by", "decision")
    return get_object_or_404(rows.prefetch_related("references"), ref=ref)


def attempts(dispatch: Dispatch) -> list[Attempt]:
    """Every attempt, first to last, with its exchange."""
    rows = Attempt.objects.filter(dispatch=dispatch).select_related("invocation")
    return list(rows.defer("invocation__request_sealed", "invocation__answer_sealed").order_by("number"))


def facts(dispatch: Dispatch) -> list[tuple[str, str]]:
    """The ids and names under which others know it, as (label, value)."""
    known = (reference for reference in dispatch.references.all() if reference.kind not in HIDDEN_REFERENCES)
    return [(reference_label(reference.kind), reference.value) for reference in known]


def reference_label(kind: str) -> str:
    """A reference's kind in words."""
    return str(REFERENCE_LABELS.get(kind, "")) or kind.replace("_", " ").capitalize()


def timeline(dispatch: Dispatch, tries: list[Attempt]) -> list[Event]:
    """What happened, in order."""
    made = Event(dispatch.created_at, _("Made by %(name)s") % {"name": dispatch.created_by_name}, dispatch.get_source_display())
    events = [made, *(event for attempt in tries for event in _attempt_events(attempt))]
    if dispatch.settled_at:
        state = dispatch.status
        events.append(Event(dispatch.settled_at, str(state.label), kind=state.colour))
    if decision := getattr(dispatch, "decision", None):
        title = _("%(name)s decided: %(found)s") % {"name": decision.decided_by_name, "found": decision.get_found_display()}
        events.append(Event(decision.decided_at, title, decision.reason, "doubt"))
    return events


def _attempt_events(attempt: Attempt) -> list[Event]:
    call = attempt.invocation
    events = []
    if call.marked_at:
        events.append(Event(call.marked_at, _("Sent, attempt %(number)s") % {"number": attempt.number}, _sent_text(attempt), "wait"))
    ended = call.ended_at or call.answered_at
    if ended and attempt.state == AttemptState.ANSWERED:
        title = _("Answered %(status)s in %(ms)s ms") % {"status": call.status, "ms": call.took_ms}
        events.append(Event(ended, title, attempt.said))
    elif ended and attempt.state == AttemptState.UNANSWERED:
        events.append(Event(ended, _unproven(call), call.failure_text or attempt.explanation, "doubt"))
    elif ended and attempt.state == AttemptState.NOT_SENT:
        events.append(Event(ended, _("Did not leave"), call.failure_text or attempt.explanation, "warn"))
    return events


def _unproven(call: Invocation) -> str:
    """What came back of a call that may have arrived: nothing, or an answer that does not say so."""
    if call.status is None:
        return _("No answer")
    return _("Answered %(status)s in %(ms)s ms, which proves nothing") % {"status": call.status, "ms": call.took_ms}


def _sent_text(attempt: Attempt) -> str:
    call = attempt.invocation
    if not call.connected_ms:
        return call.method + " " + call.url
    return _("%(method)s %(url)s, connected in %(ms)s ms") % {"method": call.method, "url": call.url, "ms": call.connected_ms}


def way_back(dispatch: Dispatch) -> Draft | None:
    """What would take this dispatch back at the provider, as form data; None when nothing can, or it is not accepted."""
    undo = dispatch.connection.vendor.undo
    if undo is None or dispatch.state not in (State.ACCEPTED, State.IN_DOUBT):
        return None
    return undo(dispatch.command())


def exact_numbers(dispatch: Dispatch) -> list[str]:
    """The telephone numbers of the command, unmasked. Showing them is an act that the caller records."""
    return list(dispatch.asked.summarise(dispatch.command()).personal)
