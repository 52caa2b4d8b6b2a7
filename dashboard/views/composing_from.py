"""Starts the composer from something that exists: an earlier dispatch, a pasted request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.crypto import Unreadable
from dashboard.decorators import permission
from dashboard.forms.compose import PasteForm
from dashboard.models import Connection, Dispatch
from dashboard.queries.dispatches import way_back
from dashboard.requests import INVALID, DeskRequest
from dashboard.roles import Permission
from dashboard.services import audit
from dashboard.services.compose import Sheet, suggested_anew
from dashboard.services.pasting import Fit, fits, read_pasted
from dashboard.views.composing import Notice, opened, show
from providers.errors import CannotExpress
from providers.types import Command, Json


@require_GET
@permission(Permission.COMPOSE)
def again(request: DeskRequest, ref: str) -> HttpResponse:
    """The composer, filled from an earlier dispatch. The numbers it shows are recorded as looked at."""
    dispatch = get_object_or_404(Dispatch.objects.select_related("connection"), ref=ref)
    if not dispatch.asked.composed:
        messages.info(request, _("%(action)s has a screen of its own, in the catalogue.") % {"action": dispatch.asked.label})
        return redirect("dispatch", ref)
    sheet = opened(request, dispatch.connection, dispatch.action)
    try:
        command = dispatch.command()
    except Unreadable:
        messages.error(request, _("The content of %(ref)s cannot be opened with the keys of this desk.") % {"ref": ref})
        return redirect("dispatch", ref)
    if sheet.action.summarise(command).personal:
        audit.record(request.user, "number.revealed", obj=dispatch, detail={"reason": _("composed again from it")})
    notice = Notice("wait", _("From %(ref)s. This becomes a new dispatch with an ID of its own.") % {"ref": ref})
    return show(request, sheet, sheet.taken_up(_with_suggestions_of_its_own(sheet, dispatch, command)), notices=[notice])


def _with_suggestions_of_its_own(sheet: Sheet, earlier: Dispatch | None, command: Command) -> dict[str, Json]:
    """The form data of a command; what the desk suggested for its dispatch, or for one whose place that took, is suggested anew."""
    fields = dict(sheet.action.fields(command))
    while earlier:
        fields |= suggested_anew(sheet, earlier.ref, fields)
        earlier = earlier.supersedes
    return fields


@require_GET
@permission(Permission.COMPOSE)
def back(request: DeskRequest, ref: str) -> HttpResponse:
    """The composer, filled with what takes an earlier dispatch back at the provider."""
    dispatch = get_object_or_404(Dispatch.objects.select_related("connection"), ref=ref)
    draft = way_back(dispatch)
    if draft is None:
        messages.error(request, _("%(ref)s cannot be taken back at the provider.") % {"ref": ref})
        return redirect("dispatch", ref)
    sheet = opened(request, dispatch.connection, draft.action)
    return show(request, sheet, sheet.taken_up(draft.fields), notices=[_takes_back(dispatch)])


def _takes_back(dispatch: Dispatch) -> Notice:
    asked = date_format(timezone.localtime(dispatch.created_at), "j M, H:i")
    text = _("This takes back what was asked for on %(time)s: %(what)s") % {"time": asked, "what": dispatch.sentence}
    return Notice("wait", text, reverse("dispatch", args=[dispatch.ref]), _("Open %(ref)s") % {"ref": dispatch.ref})


@require_http_methods(["GET", "POST"])
@permission(Permission.COMPOSE)
def paste(request: DeskRequest) -> HttpResponse:
    """Read a pasted request into the composer."""
    form = PasteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _taken_up(request, form, _found(form))
        except CannotExpress as refusal:
            form.add_error("text", str(refusal))
    return render(request, "dashboard/compose/paste.html", {"form": form}, status=INVALID if form.errors else 200)


def _found(form: PasteForm) -> list[Fit]:
    chosen = form.cleaned_data["connection"]
    return fits(read_pasted(form.cleaned_data["text"]), [chosen] if chosen else list(Connection.objects.filter(archived_at=None)))


def _taken_up(request: DeskRequest, form: PasteForm, found: list[Fit]) -> HttpResponse:
    if len(found) > 1:
        names = ", ".join(fit.connection.name for fit in found)
        form.add_error("connection", _("Several connections could take this: %(names)s. Choose one.") % {"names": names})
        return render(request, "dashboard/compose/paste.html", {"form": form}, status=INVALID)
    fit = found[0]
    sheet = opened(request, fit.connection, fit.drafts[0].action)
    return show(request, sheet, sheet.taken_up(fit.drafts[0].fields), notices=[_read(len(fit.drafts))])


def _read(count: int) -> Notice:
    if count == 1:
        return Notice("wait", _("Read from what you pasted. Look it over; nothing was sent."))
    text = ngettext(
        "What you pasted holds %(count)s request; this is the first one. Nothing was sent.",
        "What you pasted holds %(count)s requests; this is the first one. Paste the others on their own. Nothing was sent.",
        count,
    )
    return Notice("warn", text % {"count": count})
