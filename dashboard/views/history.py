"""The history: every dispatch with its outcome, newest first."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard.decorators import permission
from dashboard.forms.history import HistoryFilters
from dashboard.queries import history, search
from dashboard.queries.pages import page_by_key
from dashboard.requests import DeskRequest
from dashboard.roles import Permission

KEPT = ("provider", "connection", "outcome", "span", "start", "end", "by")


@require_GET
@permission(Permission.READ_HISTORY)
def page(request: DeskRequest) -> HttpResponse:
    """The list with its filters; htmx gets the table alone."""
    form = HistoryFilters(request.GET)
    form.is_valid()
    text, shown = _searched(request)
    rows = history.dispatches(form.filters(text))
    context = {
        "form": form,
        "page": page_by_key(rows, params=request.GET),
        "searched": shown,
        "lost": bool(request.GET.get("n")) and not shown,
        "doubts": history.in_doubt().count(),
        "by": request.GET.get("by", ""),
        "anyone": _without(request.GET, "by"),
        "filtered": bool(shown or any(request.GET.get(name) for name in KEPT)),
    }
    return render(request, "dashboard/history/_list.html" if request.htmx else "dashboard/history/page.html", context)


@require_POST
@permission(Permission.READ_HISTORY)
def look(request: DeskRequest) -> HttpResponse:
    """Search by POST: what may be a telephone number goes behind a handle, so that it never stands in an address."""
    text = request.POST.get("text", "").strip()[:500]
    asked = {name: request.POST[name] for name in KEPT if request.POST.get(name)}
    if search.may_be_number(text):
        asked["n"] = search.keep(text, owner=request.user).handle
    elif text:
        asked["q"] = text
    return redirect(f"{reverse('history')}?{urlencode(asked)}")


def _without(asked: QueryDict, *names: str) -> str:
    """The address of the same list without those filters, from its first page."""
    kept = asked.copy()
    for name in (*names, "before", "after"):
        kept.pop(name, None)
    return f"{reverse('history')}?{kept.urlencode()}"


def _searched(request: DeskRequest) -> tuple[str, str]:
    if handle := request.GET.get("n", ""):
        return search.kept(handle, owner=request.user)
    text = request.GET.get("q", "").strip()[:500]
    return text, text
