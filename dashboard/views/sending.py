"""Sends a composed form, now or later, after a second look where that is asked for."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from dashboard.choices import Source
from dashboard.forms.compose import ScheduleForm
from dashboard.requests import INVALID, DeskRequest
from dashboard.services import presets
from dashboard.services.compose import Prepared, Sheet, examine
from dashboard.services.confirming import confirmation, reasons
from dashboard.services.dispatches import KeyTaken, OtherContent, Refused, Submitted, submit
from dashboard.services.previews import preview
from dashboard.views.composing import Notice, carrying, earlier_notice, opened, renewed, show
from providers.fields import ActionForm


def send(request: DeskRequest, sheet: Sheet, data: QueryDict, due_at: datetime | None = None) -> HttpResponse:
    """Record the dispatch and go to its page; or show the form with what is wrong; or ask for a second look."""
    form = sheet.filled(data)
    prepared = examine(sheet, form)
    if prepared is None:
        return show(request, sheet, form, status=INVALID)
    why = reasons(sheet, prepared)
    mark = confirmation(sheet, prepared, due_at, why)
    if why and not constant_time_compare(data.get("desk-confirmed", ""), mark):
        context = {"reasons": why, "mark": mark, "due_at": due_at, "preview": preview(sheet, form)}
        return render(request, "dashboard/compose/confirm.html", context | carrying(request, sheet, data))
    return _submitted(request, sheet, data, form, prepared, due_at)


def send_later(request: DeskRequest, sheet: Sheet, data: QueryDict) -> HttpResponse:
    """The same at a chosen time."""
    schedule = ScheduleForm(data, zone=request.user.time_zone)
    if not schedule.is_valid():
        return show(request, sheet, sheet.filled(data), schedule=schedule, status=INVALID)
    return send(request, sheet, data, schedule.cleaned_data["at"])


def _submitted(
    request: DeskRequest, sheet: Sheet, data: QueryDict, form: ActionForm, prepared: Prepared, due_at: datetime | None
) -> HttpResponse:
    try:
        done = submit(
            connection=sheet.connection,
            requests=[prepared.request],
            ref=sheet.ref,
            by=request.user,
            source=Source.SCREEN,
            due_at=due_at,
            scheduled=due_at is not None,
        )
    except OtherContent as refusal:
        return _kept_anew(request, sheet, data, refusal)
    except Refused as refusal:
        notice = _beside_the_key(form, refusal) if isinstance(refusal, KeyTaken) else Notice("bad", str(refusal), role="alert")
        return show(request, sheet, form, notices=[notice], status=refusal.status)
    presets.note_use(uid=data.get("desk-preset", ""), person=request.user)
    return _to_page(request, done)


def _to_page(request: DeskRequest, done: Submitted) -> HttpResponse:
    if done.repeated:
        messages.info(request, _("This form was sent already. It was not sent a second time: this is the dispatch it made."))
    answer = HttpResponseRedirect(reverse("dispatch", args=[done.dispatches[0].ref]))
    answer.status_code = 303
    return answer


def _kept_anew(request: DeskRequest, sheet: Sheet, data: QueryDict, refusal: OtherContent) -> HttpResponse:
    """The same content under a new reference, so that it can be sent as a dispatch of its own."""
    anew = opened(request, sheet.connection, sheet.action.key)
    text = _(
        "This form was sent already, with other content, as %(ref)s. What stands here now was not sent: send it if it should go out too."
    )
    notice = earlier_notice("warn", text % {"ref": refusal.first.ref}, refusal.first)
    return show(request, anew, anew.filled(renewed(anew, sheet.ref, data)), notices=[notice], status=INVALID)


def _beside_the_key(form: ActionForm, refusal: KeyTaken) -> Notice:
    """Put the refusal beside the field that holds the key, when one does."""
    names = [name for name in form.fields if form.cleaned_data.get(name) == refusal.key]
    form.add_error(names[0] if names else None, str(refusal))
    return earlier_notice("bad", str(refusal), refusal.earlier)
