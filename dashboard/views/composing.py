"""What the composer's pages share: opening a sheet, renewing it, showing it with its preview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.forms.compose import ScheduleForm
from dashboard.models import Connection, Dispatch, Preset
from dashboard.requests import DeskRequest
from dashboard.services import presets
from dashboard.services.compose import Offer, Sheet, offers, open_sheet, suggested_anew
from dashboard.services.form_tokens import make_token, read_token
from dashboard.services.previews import preview
from dashboard.services.refs import new_ref
from providers.fields import ActionForm
from providers.typed import as_shown

OURS = ("csrfmiddlewaretoken", "intent", "add", "remove", "desk-token", "desk-confirmed", "desk-sent")
"""Names in a posted form that are not what somebody entered."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above the form."""

    kind: str
    text: str
    url: str = ""
    label: str = ""
    role: str = "status"


@dataclass(frozen=True, slots=True)
class Tile:
    """One thing to choose: what should happen, or through which connection."""

    offer: Offer
    url: str
    here: bool = False


def tiles(found: Iterable[Offer], current: Sheet | None = None) -> list[Tile]:
    """A tile for each offer; it leads to the form at once when there is one connection, or the present one fits."""
    return [Tile(offer, _tile_url(offer, current), _is(offer, current)) for offer in found]


def _tile_url(offer: Offer, current: Sheet | None) -> str:
    fits = [connection for connection in offer.connections if current and connection == current.connection] or offer.connections
    if len(fits) == 1:
        return form_url(fits[0], offer.action.key)
    return f"{reverse('compose')}?what={offer.word}"


def _is(offer: Offer, current: Sheet | None) -> bool:
    return current is not None and (offer.provider.key, offer.action.key) == (current.connection.provider, current.action.key)


def form_url(connection: Connection, action: str) -> str:
    """The address of the form of one action on one connection."""
    return reverse("compose_form", args=[connection.name, action])


def earlier_notice(kind: str, text: str, dispatch: Dispatch) -> Notice:
    """A notice that leads to an earlier dispatch."""
    return Notice(kind, text, reverse("dispatch", args=[dispatch.ref]), _("Open %(ref)s") % {"ref": dispatch.ref}, "alert")


# --- opening ------------------------------------------------------------------------------------


def opened(request: DeskRequest, connection: Connection, action: str, ref: str = "") -> Sheet:
    """A sheet under that reference, or a new one; 404 for an action that nobody composes."""
    found = next((one for one in connection.vendor.actions if one.key == action and one.composed), None)
    if found is None:
        raise Http404
    return open_sheet(connection=connection, action=found, ref=ref or new_ref(), person=request.user)


def reopened(request: DeskRequest, name: str, action: str) -> tuple[Sheet, QueryDict, Notice | None]:
    """The sheet of a posted form and what was entered; with a notice and under a new reference when its token cannot be used."""
    connection = get_object_or_404(Connection, name=name)
    slip = read_token(request.POST.get("desk-token", ""), person=request.user)
    if slip.fresh:
        return opened(request, connection, action, slip.ref), request.POST, None
    sheet = opened(request, connection, action)
    text = _("This form was open for too long, so nothing was sent. Everything you entered is still here: look it over and send it again.")
    return sheet, renewed(sheet, slip.ref, request.POST), Notice("warn", text, role="alert")


def renewed(sheet: Sheet, earlier: str, data: QueryDict) -> QueryDict:
    """What was entered under an earlier reference, with the suggestions of this sheet's."""
    anew = data.copy()
    for name, value in suggested_anew(sheet, earlier, data).items():
        anew[name] = value
    return anew


# --- showing ------------------------------------------------------------------------------------


def show(
    request: DeskRequest,
    sheet: Sheet,
    form: ActionForm,
    *,
    notices: Sequence[Notice | None] = (),
    schedule: ScheduleForm | None = None,
    preset: str = "",
    status: int = 200,
) -> HttpResponse:
    """The composer with this form, its preview beside it and a token for its reference."""
    for name in form.reshaped_by & form.fields.keys():
        form.fields[name].widget.attrs["data-reshapes"] = ""
    schedule = schedule or schedule_of(request)
    context = {
        "sheet": sheet,
        "form": form,
        "tiles": tiles(offers(), sheet),
        "token": make_token(ref=sheet.ref, person=request.user),
        "preview": preview(sheet, form if form.is_bound else sheet.filled(as_shown(form))),
        "schedule": schedule,
        "due_at": schedule.moment,
        "notices": [*filter(None, notices), *blocked(sheet.connection)],
        "presets": presets_for(request, sheet),
        "preset": preset or request.POST.get("desk-preset", ""),
    }
    return render(request, "dashboard/compose/form.html", context, status=status)


def schedule_of(request: DeskRequest) -> ScheduleForm:
    """The schedule as it stands on the posted form."""
    return ScheduleForm(request.POST if request.POST.get("desk-at") else None, zone=request.user.time_zone)


def presets_for(request: DeskRequest, sheet: Sheet) -> list[Preset]:
    """The presets that fit this sheet."""
    return list(presets.visible_to(request.user).filter(connection=sheet.connection, action=sheet.action.key))


def blocked(connection: Connection) -> list[Notice]:
    """Why nothing can be sent through this connection now."""
    if connection.archived_at:
        return [Notice("bad", _("The connection %(name)s is archived: nothing can be sent through it.") % {"name": connection})]
    if connection.is_paused:
        text = _("The connection %(name)s is paused (%(reason)s). Nothing can be sent through it until an admin resumes it.")
        return [Notice("warn", text % {"name": connection, "reason": connection.paused_reason.rstrip(".") or _("no reason given")})]
    return []


def carrying(request: DeskRequest, sheet: Sheet, data: QueryDict) -> dict[str, object]:
    """What a page between the form and its sending needs to carry what was entered in hidden fields."""
    entered = [(name, value) for name, values in data.lists() if name not in OURS and not name.startswith("preset-") for value in values]
    return {"sheet": sheet, "token": make_token(ref=sheet.ref, person=request.user), "carried": entered}
