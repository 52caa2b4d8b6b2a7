"""Composer forms kept under a name. What they hold is sealed: it can be a telephone number."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import crypto
from dashboard.models import Person, Preset
from dashboard.services import audit, disk
from dashboard.services.compose import Sheet, made_names
from dashboard.services.refusals import Refused
from providers.fields import ActionForm
from providers.typed import as_typed
from providers.types import Json


def may_be_kept(sheet: Sheet, form: ActionForm) -> dict[str, Json]:
    """What a preset of this filled form can hold: what was entered, but for what belongs to one dispatch only."""
    made = made_names(sheet)
    return {name: value for name, value in as_typed(form).items() if name not in made and value not in (None, "", [], False)}


def may_be_asked(sheet: Sheet, form: ActionForm) -> list[str]:
    """The fields that a preset can leave open, in their order on the page: all but those that belong to one dispatch only."""
    made = made_names(sheet)
    shown = [name for group in form.all_groups() for name in group.fields if name in form.fields]
    return [name for name in dict.fromkeys((*shown, *form.fields)) if name not in made]


@transaction.atomic
def save(*, sheet: Sheet, form: ActionForm, name: str, shared: bool, ask: Collection[str], by: Person) -> Preset:
    """Keep a filled form, valid or not, without the fields in `ask`. Raises Refused when the name is taken, or the disk full."""
    disk.refuse_when_full()
    preset = Preset(
        uid=uuid.uuid4(), name=name, owner=by, shared=shared, connection=sheet.connection, action=sheet.action.key, ask=list(ask)
    )
    kept = {name: value for name, value in may_be_kept(sheet, form).items() if name not in ask}
    preset.fields_sealed = crypto.seal(json.dumps(kept, ensure_ascii=False).encode(), preset.place)
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError as error:
        raise Refused(
            _("You have a preset named “%(name)s” already; choose another name, or delete that one first.") % {"name": name}
        ) from error
    audit.record(by, "preset.saved", obj=preset, name=name)
    return preset


def fields_of(preset: Preset) -> dict[str, Json]:
    """The nested form data that a preset holds; raises crypto.Unreadable."""
    kept: dict[str, Json] = json.loads(crypto.unseal(preset.fields_sealed, preset.place))
    return kept


def visible_to(person: Person) -> QuerySet[Preset]:
    """A person's own presets and those for all, on connections in use, by name."""
    rows = Preset.objects.filter(Q(owner=person) | Q(shared=True), connection__archived_at=None)
    return rows.select_related("connection", "owner").order_by("name", "id")


def note_use(*, uid: str, person: Person) -> None:
    """Remember that a preset was just sent from; one that is not the person's to use is ignored."""
    try:
        rows = visible_to(person).filter(uid=uuid.UUID(uid))
    except ValueError:
        return
    Preset.objects.filter(pk__in=rows.values("pk")).update(used_at=timezone.now())


@transaction.atomic
def delete(*, preset: Preset, by: Person) -> None:
    """Delete a preset. Raises Refused unless it is the person's own."""
    if preset.owner_id != by.pk:
        raise Refused(_("Only %(owner)s can delete this preset.") % {"owner": preset.owner.shown_name})
    audit.record(by, "preset.deleted", obj=preset, name=preset.name)
    preset.delete()
