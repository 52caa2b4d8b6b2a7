"""Connections: the list, one connection, adding and changing. Only admins come here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.choices import ErrandState
from dashboard.decorators import permission
from dashboard.forms.connections import ConnectionEntry, SecretsForm, countries
from dashboard.models import Connection
from dashboard.queries import connections as queries
from dashboard.requests import INVALID, DeskRequest, posted, seen_mark
from dashboard.roles import Permission
from dashboard.services import connections, secrets
from dashboard.services.refusals import Refused
from providers.base import Provider
from providers.registry import PROVIDERS


def connection_named(name: str) -> Connection:
    """The connection of that name, whatever its letter case, with its lane; 404 when there is none."""
    return get_object_or_404(Connection.objects.select_related("lane"), name__iexact=name)


def provider_of(key: str) -> Provider:
    """The provider of that key; 404 when none is registered."""
    if key not in PROVIDERS:
        raise Http404
    return PROVIDERS[key]


@require_GET
@permission(Permission.MANAGE_CONNECTIONS)
def index(request: DeskRequest) -> HttpResponse:
    """All connections with their health, and the providers that one can be added for."""
    context = {
        "standings": queries.standings(),
        "archived": Connection.objects.exclude(archived_at=None),
        "providers": PROVIDERS.values(),
    }
    return render(request, "dashboard/connections/list.html", context)


@require_http_methods(["GET", "POST"])
@permission(Permission.MANAGE_CONNECTIONS)
def add(request: DeskRequest, provider: str) -> HttpResponse:
    """A new connection; its secrets come next."""
    entry = ConnectionEntry(provider_of(provider), posted(request))
    if request.method == "POST" and entry.is_valid():
        try:
            made = connections.add(provider=provider, **entry.values(), by=request.user)
        except Refused as refusal:
            entry.refuse(refusal.message, refusal.field)
        else:
            messages.success(request, _("%(name)s was added. Set its secrets now.") % {"name": made.name})
            return redirect("connection_secrets", name=made.name)
    return _entry_page(request, entry)


@require_http_methods(["GET", "POST"])
@permission(Permission.MANAGE_CONNECTIONS)
def edit(request: DeskRequest, name: str) -> HttpResponse:
    """Change a connection. New addresses clear its secrets, which the page says before and after."""
    connection = in_use(name)
    entry = ConnectionEntry(connection.vendor, posted(request), connection)
    if request.method == "POST" and entry.is_valid():
        version = connection.secrets_version
        try:
            opened = request.POST.get("opened", "")
            changed = connections.change(connection=connection, **entry.values(), by=request.user, opened=opened)
        except Refused as refusal:
            entry.refuse(refusal.message, refusal.field)
        else:
            _say_changed(request, changed, cleared=changed.secrets_version != version)
            return redirect("connection", name=changed.name)
    return _entry_page(request, entry)


def in_use(name: str) -> Connection:
    """The connection of that name; 404 when it is archived, because nothing can be changed then."""
    connection = connection_named(name)
    if connection.archived_at:
        raise Http404
    return connection


def _say_changed(request: DeskRequest, connection: Connection, *, cleared: bool) -> None:
    if cleared:
        text = _("%(name)s was changed. Its secrets were cleared with the address: set them for the new one.")
        messages.warning(request, text % {"name": connection.name})
    else:
        messages.success(request, _("%(name)s was changed.") % {"name": connection.name})


def _entry_page(request: DeskRequest, entry: ConnectionEntry) -> HttpResponse:
    connection = entry.connection
    context = {
        "entry": entry,
        "provider": entry.provider,
        "connection": connection,
        "open": connections.open_dispatches(connection) if connection else 0,
        "opened": connections.version(connection) if connection else "",
    }
    return render(request, "dashboard/connections/form.html", context, status=INVALID if request.method == "POST" else 200)


@require_GET
@permission(Permission.MANAGE_CONNECTIONS)
def page(request: DeskRequest, name: str) -> HttpResponse:
    """One connection: its health, what it is set to, its secrets' ages, and what can be done with it."""
    connection = connection_named(name)
    standing = queries.standing(connection)
    context = _health_context(standing) | {
        "standing": standing,
        "settings": _settings_shown(connection),
        "country": dict(countries()).get(connection.country) if connection.country else "",
        "secrets": secrets.state(connection=connection),
    }
    return render(request, "dashboard/connections/page.html", context)


@require_GET
@permission(Permission.MANAGE_CONNECTIONS)
def health(request: DeskRequest, name: str) -> HttpResponse:
    """The part of the page that changes by itself; 204, and nothing moves, while it is as `seen` before."""
    context = _health_context(queries.standing(connection_named(name)))
    if request.GET.get("seen") == context["health_seen"]:
        return HttpResponse(status=204)
    return render(request, "dashboard/connections/_health.html", context)


def _health_context(standing: queries.Standing) -> dict[str, object]:
    test, lane = standing.test, standing.lane
    facts = {
        "standing": standing,
        "test": test,
        "test_colour": ErrandState(test.state).colour if test else "",
        "holds_until": queries.moment(lane.hold_until),
        "slow_until": queries.moment(lane.slow_until),
        "probes_at": queries.moment(lane.probe_at),
    }
    shown = render_to_string("dashboard/connections/_health_facts.html", facts)
    return {"connection": standing.connection, "health": shown, "health_seen": seen_mark(shown)}


def _settings_shown(connection: Connection) -> list[tuple[str, str]]:
    """The provider's own fields with their values as its form words them."""
    form = connection.vendor.settings_form(initial=connection.settings)
    shown = []
    for name, field in form.fields.items():
        if value := connection.settings.get(name, ""):
            shown.append((str(field.label), str(dict(getattr(field, "choices", ())).get(value, value))))
    return shown


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@permission(Permission.MANAGE_CONNECTIONS, proof=True)
def secrets_page(request: DeskRequest, name: str) -> HttpResponse:
    """Replace secrets. What is stored never comes back, nor does what was typed."""
    connection = in_use(name)
    known = secrets.state(connection=connection)
    form = SecretsForm(posted(request), provider=connection.vendor, stored=[one.name for one in known if one.set])
    if request.method == "POST" and form.is_valid():
        secrets.put_all(connection=connection, values=form.values(), by=request.user)
        messages.success(request, _stored(connection))
        return redirect("connection", name=connection.name)
    context = {"connection": connection, "form": form, "secrets": known}
    return render(request, "dashboard/connections/secrets.html", context, status=INVALID if request.method == "POST" else 200)


def _stored(connection: Connection) -> str:
    text = _("The secrets of %(name)s were stored. Test the connection to see whether they work.")
    if connection.is_paused:
        text = _("The secrets of %(name)s were stored. It stays paused: test it, then resume it.")
    return text % {"name": connection.name}
