"""The audit trail, for admins and auditors."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.decorators import permission
from dashboard.forms.audit import AuditFilters
from dashboard.queries import audit
from dashboard.queries.pages import page_by_key
from dashboard.requests import DeskRequest
from dashboard.roles import Permission


@require_GET
@permission(Permission.READ_AUDIT)
def page(request: DeskRequest) -> HttpResponse:
    """Who did what, newest first."""
    form = AuditFilters(request.GET)
    found = page_by_key(audit.events(form.filters()), params=request.GET)
    lines = [audit.line(event, request.user) for event in found.rows]
    filtered = any(request.GET.get(name) for name in form.fields)
    return render(request, "dashboard/audit/page.html", {"form": form, "page": found, "lines": lines, "filtered": filtered})
