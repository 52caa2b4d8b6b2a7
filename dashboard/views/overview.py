"""The overview: is anything wrong, what is going on, what comes next."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dashboard.decorators import permission
from dashboard.queries import chart, connections, history, onboarding, overview
from dashboard.requests import DeskRequest, seen_mark
from dashboard.roles import Permission

SPANS = {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days")}
NEWEST = 4
"""Dispatches under way that are shown one by one."""
NEXT = 5
"""Scheduled dispatches that are shown."""


@require_GET
@permission(Permission.READ_HISTORY)
def page(request: DeskRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "dashboard/overview/page.html", _context(request))


@require_GET
@permission(Permission.READ_HISTORY)
def part(request: DeskRequest) -> HttpResponse:
    """The part that renews itself; 204, and nothing moves, while it is as `seen` before."""
    context = _context(request)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "dashboard/overview/_live.html", context)


def _context(request: DeskRequest) -> dict[str, object]:
    span = request.GET.get("span", "")
    span = span if span in SPANS else "24h"
    figures, standings = overview.figures(span), connections.standings()
    context: dict[str, object] = {
        "span": span,
        "spans": list(SPANS.items()),
        "figures": figures,
        "chart": chart.draw(figures.bars, hourly=span == "24h"),
        "standings": standings,
        "running": [standing for standing in standings if standing.load.under_way],
        "under_way": sum(standing.load.under_way for standing in standings),
        "newest": history.under_way()[:NEWEST],
        "coming_up": history.scheduled()[:NEXT],
        "steps": onboarding.steps(request.user),
    }
    shown = render_to_string("dashboard/overview/_shown.html", context, request)
    return context | {"shown": shown, "seen": seen_mark(shown)}
