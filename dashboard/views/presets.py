"""Presets: keep a form under a name, list them, start from one, delete one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.crypto import Unreadable
from dashboard.decorators import permission
from dashboard.forms.compose import PresetForm
from dashboard.models import Preset
from dashboard.requests import INVALID, DeskRequest
from dashboard.roles import Permission
from dashboard.services import presets
from dashboard.services.compose import Sheet
from dashboard.services.refusals import Refused
from dashboard.views.composing import Notice, carrying, opened, show
from providers.fields import ActionForm

LONGEST_SHOWN = 60


@require_GET
@permission(Permission.COMPOSE)
def page(request: DeskRequest) -> HttpResponse:
    """The presets that the person may use."""
    return render(request, "dashboard/compose/presets.html", {"presets": presets.visible_to(request.user)})


@require_GET
@permission(Permission.COMPOSE)
def use(request: DeskRequest, uid: UUID) -> HttpResponse:
    """The composer, filled from a preset; what it leaves open is named."""
    preset = get_object_or_404(presets.visible_to(request.user), uid=uid)
    sheet = opened(request, preset.connection, preset.action)
    try:
        form = sheet.taken_up(presets.fields_of(preset))
    except Unreadable:
        messages.error(request, _("The preset “%(name)s” cannot be opened with the keys of this desk.") % {"name": preset.name})
        return redirect("presets")
    return show(request, sheet, form, notices=[_asked(preset, form)], preset=str(preset.uid))


def _asked(preset: Preset, form: ActionForm) -> Notice:
    asked = [name for name in preset.ask if name in form.fields]
    if not asked:
        return Notice("wait", _("From the preset “%(name)s”.") % {"name": preset.name})
    first = form[asked[0]]
    first.field.widget.attrs["autofocus"] = True
    labels = ", ".join(str(form.fields[name].label) for name in asked)
    text = _("From the preset “%(name)s”. Fill in: %(fields)s.") % {"name": preset.name, "fields": labels}
    return Notice("wait", text, f"#{first.id_for_label or first.auto_id}", _("Go to it"))


@require_POST
@permission(Permission.COMPOSE)
def delete(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Delete a preset of one's own."""
    preset = get_object_or_404(presets.visible_to(request.user), uid=uid)
    try:
        presets.delete(preset=preset, by=request.user)
        messages.success(request, _("The preset “%(name)s” is deleted.") % {"name": preset.name})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("presets")


# --- keeping one, from the composer --------------------------------------------------------------


def ask_for_preset(request: DeskRequest, sheet: Sheet, data: QueryDict) -> HttpResponse:
    """The page that asks for the preset's name, carrying the form along."""
    filled = sheet.filled(data)
    return _asking(request, sheet, data, _preset_form(sheet, filled, None))


def keep_preset(request: DeskRequest, sheet: Sheet, data: QueryDict) -> HttpResponse:
    """Keep the preset and go back to the form, or say what is wrong with its name."""
    filled = sheet.filled(data)
    asked = _preset_form(sheet, filled, data)
    if asked.is_valid():
        cleaned = asked.cleaned_data
        try:
            kept = presets.save(
                sheet=sheet, form=filled, name=cleaned["name"], shared=cleaned["shared"], ask=cleaned.get("ask", ()), by=request.user
            )
            notice = Notice("good", _("Kept as the preset “%(name)s”. Nothing was sent.") % {"name": kept.name})
            return show(request, sheet, sheet.resumed(data), notices=[notice])
        except Refused as refusal:
            asked.add_error("name", str(refusal))
            return _asking(request, sheet, data, asked, status=refusal.status)
    return _asking(request, sheet, data, asked, status=INVALID)


def _preset_form(sheet: Sheet, filled: ActionForm, data: QueryDict | None) -> PresetForm:
    """The form with a choice for each field, those that hold something first; personal ones of these are ticked."""
    held = presets.may_be_kept(sheet, filled)
    choices = [(name, _choice(filled, name, held.get(name))) for name in presets.may_be_asked(sheet, filled)]
    choices.sort(key=lambda choice: choice[0] not in held)
    return PresetForm(data, choices=choices, initial={"ask": [name for name in held if name in sheet.action.mask]})


def _choice(form: ActionForm, name: str, value: object) -> str:
    """A field by its label, with what it holds when that is short."""
    label = str(form.fields[name].label or name)
    return f"{label}: {value}" if isinstance(value, str) and 0 < len(value) <= LONGEST_SHOWN and "\n" not in value else label


def _asking(request: DeskRequest, sheet: Sheet, data: QueryDict, form: PresetForm, status: int = 200) -> HttpResponse:
    return render(request, "dashboard/compose/keep.html", {"form": form, **carrying(request, sheet, data)}, status=status)
