"""Sends a composed form, now or later, after a second look where that is asked for."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.choices import Source, State
from dashboard.forms.compose import ScheduleForm
from dashboard.requests import INVALID, DeskRequest
from dashboard.services import presets
from dashboard.services.compose import Prepared, Sheet, examine
from dashboard.services.confirming import confirmation, reasons
from dashboard.services.dispatches import KeyTaken, OtherContent, Refused, Submitted, submit
from dashboard.services.previews import preview
from dashboard.views.composing import Notice, carrying, earlier_notice, opened, renewed, schedule_of, show
from providers.fields import ActionForm


def send(request: DeskRequest, sheet: Sheet, data: QueryDict, due_at: datetime | None = None) -> HttpResponse:
    """Record the dispatch and go to its page; or show the form with what is wrong; or ask for a second look."""
    form = sheet.filled(data)
    prepared = examine(sheet, form)
    if prepared is None:
        return show(request, sheet, form, status=INVALID)
    latest = sheet.connection.vendor.latest(prepared.request.command)
    if due_at and latest and due_at >= latest:
        return show(request, sheet, form, schedule=_too_late(request, sheet, latest), status=INVALID)
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


def _too_late(request: DeskRequest, sheet: Sheet, latest: datetime) -> ScheduleForm:
    """The schedule, with the reason why the provider would refuse what leaves at that time."""
    schedule = schedule_of(request)
    schedule.full_clean()
    text = _(
        "The form asks for %(latest)s (%(zone)s). The desk would send it only after that, and %(provider)s would refuse it. "
        "Choose an earlier time here, or a later one in the form."
    )
    when = date_format(timezone.localtime(latest), "j M Y, H:i")
    schedule.add_error(
        "at", text % {"latest": when, "zone": timezone.get_current_timezone_name(), "provider": sheet.connection.vendor.label}
    )
    return schedule


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
    if done.repeated and done.dispatches[0].state == State.CANCELLED:
        text = _(
            "The dispatch that this form made was taken back before it left: nothing was sent. To send it after all, compose again from it."
        )
        messages.warning(request, text)
    elif done.repeated:
        messages.info(request, _("This form was sent already. It was not sent a second time: this is the dispatch it made."))
    answer = HttpResponseRedirect(reverse("dispatch", args=[done.dispatches[0].ref]))
    answer.status_code = 303
    return answer


def _kept_anew(request: DeskRequest, sheet: Sheet, data: QueryDict, refusal: OtherContent) -> HttpResponse:
    """The same content under a new reference, so that it can be sent as a dispatch of its own."""
    anew = opened(request, sheet.connection, sheet.action.key)
    text = _("This form made %(ref)s already, with other content. What stands here now was not sent: send it if it should go out too.")
    notice = earlier_notice("warn", text % {"ref": refusal.first.ref}, refusal.first)
    return show(request, anew, anew.filled(renewed(anew, sheet.ref, data)), notices=[notice], status=INVALID)


def _beside_the_key(form: ActionForm, refusal: KeyTaken) -> Notice:
    """Put the refusal beside the field that holds the key, when one does."""
    names = [name for name in form.fields if form.cleaned_data.get(name) == refusal.key]
    form.add_error(names[0] if names else None, str(refusal))
    return earlier_notice("bad", str(refusal), refusal.earlier)
