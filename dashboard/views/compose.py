"""The composer: choose what should happen, fill in, look at the exact request, send."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.decorators import permission
from dashboard.forms.rows import pressed
from dashboard.models import Connection
from dashboard.queries.composing import recent_targets, sent_under
from dashboard.requests import DeskRequest
from dashboard.roles import Permission
from dashboard.services import presets
from dashboard.services.compose import Sheet, offers
from dashboard.services.lookups import suggested
from dashboard.services.previews import preview
from dashboard.views.composing import Notice, opened, reopened, schedule_of, show, tiles
from dashboard.views.presets import ask_for_preset, keep_preset
from dashboard.views.sending import send, send_later


@require_GET
@permission(Permission.COMPOSE)
def choose(request: DeskRequest) -> HttpResponse:
    """What should happen, and through which connection."""
    found = offers()
    chosen = next((offer for offer in found if offer.word == request.GET.get("what")), None)
    context = {
        "tiles": tiles(found),
        "chosen": chosen,
        "presets": presets.visible_to(request.user)[:6],
        "recent": recent_targets(request.user),
        "may_connect": request.user.may(Permission.MANAGE_CONNECTIONS),
    }
    return render(request, "dashboard/compose/choose.html", context)


@require_http_methods(["GET", "POST"])
@permission(Permission.COMPOSE)
def form(request: DeskRequest, connection: str, action: str) -> HttpResponse:
    """The form of one action: shown, changed, checked, kept or sent, as the pressed button asks."""
    if request.method == "POST":
        return _posted(request, *reopened(request, connection, action))
    sheet = opened(request, get_object_or_404(Connection, name=connection), action)
    if sheet.lacks_target():
        return render(
            request, "dashboard/compose/no_target.html", {"sheet": sheet, "kind": sheet.connection.vendor.kind(sheet.action.target_kind)}
        )
    return show(request, sheet, sheet.resumed(_started(request, sheet)))


def _started(request: DeskRequest, sheet: Sheet) -> QueryDict:
    """What the address asks to start with: values by field, or `item`, the number of a catalogue item to address."""
    data = request.GET.copy()
    number = data.get("item", "")
    items = sheet.connection.items.filter(kind=sheet.action.target_kind, pk=number) if number.isdecimal() else None
    if items and (item := items.first()):
        data[sheet.action.target_field] = item.key
    return data


def _posted(request: DeskRequest, sheet: Sheet, data: QueryDict, stale: Notice | None) -> HttpResponse:
    edited = pressed(data)
    if edited is not None:
        return show(request, sheet, sheet.resumed(edited))
    intent = data.get("intent", "")
    if stale and intent in SENDING:
        return show(request, sheet, sheet.filled(data), notices=[stale])
    return INTENTS.get(intent, _check)(request, sheet, data)


def _check(request: DeskRequest, sheet: Sheet, data: QueryDict) -> HttpResponse:
    """Show what is wrong, send nothing."""
    return show(request, sheet, sheet.filled(data))


def _resume(request: DeskRequest, sheet: Sheet, data: QueryDict) -> HttpResponse:
    """Show what was entered, without judging it."""
    return show(request, sheet, sheet.resumed(data))


INTENTS: dict[str, Callable[[DeskRequest, Sheet, QueryDict], HttpResponse]] = {
    "send": send,
    "schedule": send_later,
    "reshape": _resume,
    "edit": _resume,
    "preset": ask_for_preset,
    "keep": keep_preset,
}
SENDING = ("send", "schedule")


@require_GET
@permission(Permission.COMPOSE)
def suggestions(request: DeskRequest, connection: str, kind: str) -> HttpResponse:
    """What the catalogue has for a text that is being typed: by key where any value may be sent, by name otherwise."""
    row = get_object_or_404(Connection, name=connection)
    if all(kind != one.key for one in row.vendor.catalogue):
        raise Http404
    text = request.GET.get("q", "").strip()
    found = suggested(connection=row, kind=kind, text=text, by_key=request.GET.get("by") == "key")
    return render(request, "dashboard/compose/_suggestions.html", {"found": found})


@require_POST
@permission(Permission.COMPOSE)
def live_preview(request: DeskRequest, connection: str, action: str) -> HttpResponse:
    """What the form would send as it stands."""
    sheet, data, _stale = reopened(request, connection, action)
    context = {"sheet": sheet, "preview": preview(sheet, sheet.filled(data)), "due_at": schedule_of(request).moment}
    sent = sent_under(sheet.ref) if "desk-sent" in request.POST else None
    return render(request, "dashboard/compose/_live.html", context | {"sent": sent})
