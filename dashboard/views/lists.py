"""Two short lists: what is in doubt, and what is coming."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from dashboard.decorators import permission
from dashboard.forms.dispatches import BulkDecisionForm
from dashboard.queries import history
from dashboard.queries.pages import page_by_key, page_by_place
from dashboard.requests import INVALID, DeskRequest
from dashboard.roles import Permission
from dashboard.services import dispatches as service


@require_GET
@permission(Permission.READ_HISTORY)
def scheduled(request: DeskRequest) -> HttpResponse:
    """What is coming, the next one first."""
    return render(request, "dashboard/dispatches/scheduled.html", {"page": page_by_place(history.scheduled(), params=request.GET)})


@require_GET
@permission(Permission.READ_HISTORY)
def doubts(request: DeskRequest) -> HttpResponse:
    """What is in doubt and undecided, oldest news last, with one decision for a whole outage."""
    return _doubts(request, BulkDecisionForm())


@require_POST
@permission(Permission.COMPOSE)
def decide_doubts(request: DeskRequest) -> HttpResponse:
    """Record one decision for all doubts of one connection in one window of time."""
    form = BulkDecisionForm(request.POST)
    if not form.is_valid():
        return _doubts(request, form, status=INVALID)
    count = service.decide_many(**form.cleaned_data, by=request.user)
    messages.success(request, ngettext("%(count)s dispatch decided.", "%(count)s dispatches decided.", count) % {"count": count})
    return redirect("doubts")


def _doubts(request: DeskRequest, form: BulkDecisionForm, status: int = 200) -> HttpResponse:
    page = page_by_key(history.in_doubt(), params=request.GET)
    providers = dict.fromkeys(dispatch.connection.vendor for dispatch in page.rows)
    return render(request, "dashboard/dispatches/doubts.html", {"page": page, "form": form, "providers": list(providers)}, status=status)
