"""One dispatch: its page, and what a person may do with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.choices import OPEN, RECALLABLE, State
from dashboard.decorators import permission
from dashboard.forms.dispatches import DecisionForm, ReasonForm
from dashboard.models import Dispatch
from dashboard.queries import dispatches as query
from dashboard.requests import INVALID, DeskRequest, seen_mark
from dashboard.roles import Permission
from dashboard.services import audit
from dashboard.services import dispatches as service
from dashboard.services.curl import curl_of

REVEAL_IDS = "reveal_%s"
"""Tells the fields of the reveal form from those of the decision on the same page."""


@require_GET
@permission(Permission.READ_HISTORY)
def page(request: DeskRequest, ref: str) -> HttpResponse:
    """Facts, timeline, exchanges, and what can be done next."""
    return _page(request, query.one(ref))


@require_GET
@permission(Permission.READ_HISTORY)
def live(request: DeskRequest, ref: str) -> HttpResponse:
    """The part that renews itself until the dispatch is settled; 204, and nothing moves, while it is as `seen` before."""
    context = _context(request, query.one(ref))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "dashboard/dispatches/_live.html", context)


@require_POST
@permission(Permission.COMPOSE)
def cancel(request: DeskRequest, ref: str) -> HttpResponse:
    """Take a dispatch back that has not left."""
    dispatch = query.one(ref)
    try:
        service.cancel(dispatch=dispatch, by=request.user)
        messages.success(request, _("Taken back. Nothing left."))
    except service.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dispatch", ref)


@require_POST
@permission(Permission.COMPOSE)
def send_now(request: DeskRequest, ref: str) -> HttpResponse:
    """End the undo window or the schedule: send it now."""
    try:
        service.send_now(dispatch=query.one(ref), by=request.user)
    except service.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dispatch", ref)


@require_POST
@permission(Permission.REVEAL)
def reveal(request: DeskRequest, ref: str) -> HttpResponse:
    """Show the telephone numbers of a dispatch once, after recording who looked and why."""
    dispatch = query.one(ref)
    form = ReasonForm(request.POST, auto_id=REVEAL_IDS)
    if not form.is_valid():
        return _page(request, dispatch, reveal_form=form, status=INVALID)
    audit.record(request.user, "number.revealed", obj=dispatch, detail={"reason": form.cleaned_data["reason"]})
    return _page(request, dispatch, numbers=query.exact_numbers(dispatch))


@require_POST
@permission(Permission.COMPOSE)
def decide(request: DeskRequest, ref: str) -> HttpResponse:
    """Record what was found out about a dispatch in doubt; send it again when that was asked."""
    dispatch = query.one(ref)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, dispatch, decision_form=form, status=INVALID)
    try:
        service.decide(dispatch=dispatch, found=form.cleaned_data["found"], reason=form.cleaned_data["reason"], by=request.user)
        if "again" in request.POST:
            return _sent_again(request, dispatch)
    except service.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dispatch", ref)


@require_POST
@permission(Permission.COMPOSE)
def send_again(request: DeskRequest, ref: str) -> HttpResponse:
    """Make a new dispatch with the same content that supersedes this one."""
    try:
        return _sent_again(request, query.one(ref))
    except service.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dispatch", ref)


def _sent_again(request: DeskRequest, dispatch: Dispatch) -> HttpResponse:
    made = service.send_again(dispatch=dispatch, by=request.user)
    return redirect("dispatch", made.dispatches[0].ref)


def _page(request: DeskRequest, dispatch: Dispatch, status: int = 200, **extra: object) -> HttpResponse:
    return render(request, "dashboard/dispatches/page.html", {**_context(request, dispatch), **extra}, status=status)


def _context(request: DeskRequest, dispatch: Dispatch) -> dict[str, object]:
    tries, account, vendor = query.attempts(dispatch), dispatch.connection.account(), dispatch.connection.vendor
    known = {
        "dispatch": dispatch,
        "provider": vendor,
        "facts": query.facts(dispatch),
        "timeline": query.timeline(dispatch, tries),
        "attempts": [(each, curl_of(each.invocation, account, vendor)) for each in tries],
        "is_open": dispatch.state in OPEN,
        **_allowed(request, dispatch),
    }
    told = "".join(render_to_string(f"dashboard/dispatches/{part}.html", known) for part in ("_facts", "_exchange_cards"))
    may = [value for name, value in known.items() if name.startswith("may_") or name == "again_open"]
    seen = seen_mark(f"{told}{may}")
    return known | {"seen": seen, "decision_form": DecisionForm(), "reveal_form": ReasonForm(auto_id=REVEAL_IDS)}


def _allowed(request: DeskRequest, dispatch: Dispatch) -> dict[str, object]:
    """What this person may do with it now."""
    composer = request.user.may(Permission.COMPOSE)
    return {
        "may_cancel": composer and dispatch.state in RECALLABLE and not dispatch.unanswered,
        "may_decide": composer and dispatch.state == State.IN_DOUBT and not hasattr(dispatch, "decision"),
        "may_release": composer and query.way_back(dispatch) is not None,
        "has_numbers": any(reference.kind == "number" for reference in dispatch.references.all()),
        **_again(request, dispatch),
    }


def _again(request: DeskRequest, dispatch: Dispatch) -> dict[str, object]:
    """Whether and when it may be sent again."""
    again_at = service.may_send_again_at(dispatch)
    return {
        "may_send_again": request.user.may(Permission.COMPOSE) and service.offers_again(dispatch),
        "again_at": again_at,
        "again_open": again_at <= timezone.now(),
    }
