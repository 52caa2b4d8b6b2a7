"""What can be done with a connection: pause, resume, test, archive; and the global stop."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.decorators import permission
from dashboard.forms.connections import StoppingForm
from dashboard.queries import connections as queries
from dashboard.requests import INVALID, DeskRequest, posted
from dashboard.roles import Permission
from dashboard.services import connections, errands
from dashboard.services.refusals import Refused
from dashboard.views.connections import connection_named, in_use


def ask_reason(request: DeskRequest, template: str, context: dict[str, object], act: Callable[[str], HttpResponse]) -> HttpResponse:
    """Show a form that asks for a reason, and act once one was given."""
    form = StoppingForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return act(form.cleaned_data["reason"])
    return render(request, template, context | {"form": form}, status=INVALID if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@permission(Permission.MANAGE_CONNECTIONS)
def pause(request: DeskRequest, name: str) -> HttpResponse:
    """Pause with a reason: nothing is claimed from then on; what is on its way ends as it will."""
    connection = in_use(name)

    def act(reason: str) -> HttpResponse:
        connections.pause(connection=connection, reason=reason, by=request.user)
        messages.success(request, _("%(name)s is paused.") % {"name": connection.name})
        return redirect("connection", name=connection.name)

    return ask_reason(request, "dashboard/connections/pause.html", {"connection": connection}, act)


@require_POST
@permission(Permission.MANAGE_CONNECTIONS)
def resume(request: DeskRequest, name: str) -> HttpResponse:
    """Let it send again."""
    connection = in_use(name)
    if connections.resume(connection=connection, by=request.user):
        messages.success(request, _("%(name)s sends again.") % {"name": connection.name})
    return redirect("connection", name=connection.name)


@require_POST
@permission(Permission.MANAGE_CONNECTIONS)
def test(request: DeskRequest, name: str) -> HttpResponse:
    """Ask the worker for a call that reaches nobody; its answer appears on the connection's page."""
    connection = in_use(name)
    errands.ask(connection=connection, what=errands.TEST, by=request.user)
    return redirect("connection", name=connection.name)


@require_http_methods(["GET", "POST"])
@permission(Permission.MANAGE_CONNECTIONS)
def archive(request: DeskRequest, name: str) -> HttpResponse:
    """Take it out of use for good; refused while dispatches are open."""
    connection = connection_named(name)
    refusal = ""
    if request.method == "POST":
        try:
            connections.archive(connection=connection, by=request.user)
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, _("%(name)s is archived.") % {"name": connection.name})
            return redirect("connections")
    context = {"connection": connection, "refusal": refusal, "open": connections.open_dispatches(connection)}
    return render(request, "dashboard/connections/archive.html", context, status=INVALID if refusal else 200)


@require_http_methods(["GET", "POST"])
@permission(Permission.STOP_ALL)
def stop(request: DeskRequest) -> HttpResponse:
    """Stop all sending, with a reason; or, when it is stopped, see who did and let it go on."""

    def act(reason: str) -> HttpResponse:
        connections.stop_desk(reason=reason, by=request.user)
        messages.warning(request, _("All sending is stopped."))
        return redirect("desk_stop")

    return ask_reason(request, "dashboard/connections/stop.html", {"stop": queries.stop()}, act)


@require_POST
@permission(Permission.STOP_ALL)
def go_on(request: DeskRequest) -> HttpResponse:
    """End the global stop."""
    if connections.resume_desk(by=request.user):
        messages.success(request, _("Sending goes on."))
    return redirect("desk_stop")
