"""From a composer form to the exact request it stands for. Nothing here sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.models import CatalogueItem, Connection, Person
from dashboard.services.lookups import StoredCatalogue
from dashboard.services.refs import refs_of
from dashboard.services.submitting import Request
from providers.base import Action, Provider
from providers.errors import CannotExpress, NotConfigured
from providers.fields import MOST_SUGGESTED, ActionForm, FormContext, ItemChoiceField, flat
from providers.registry import PROVIDERS
from providers.typed import as_typed
from providers.types import Command, WireRequest


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be asked, with the connections it can go through."""

    provider: Provider
    action: Action
    connections: tuple[Connection, ...]

    @property
    def word(self) -> str:
        """The offer's name in addresses and on the command line, like `vonage.route`."""
        return f"{self.provider.key}.{self.action.key}"


def offers() -> list[Offer]:
    """Every composed action that has a connection in use, in the order of the registry."""
    rows = list(Connection.objects.filter(archived_at=None))
    through = {key: tuple(row for row in rows if row.provider == key) for key in PROVIDERS}
    return [
        Offer(provider, action, through[key])
        for key, provider in PROVIDERS.items()
        for action in provider.actions
        if action.composed and through[key]
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of one action on one connection, under the reference that its dispatch will have."""

    connection: Connection
    action: Action
    context: FormContext

    @property
    def ref(self) -> str:
        """The reference of the dispatch to be."""
        return self.context.reference

    def filled(self, data: Mapping[str, Any]) -> ActionForm:
        """The form with what was entered, to be judged."""
        return self.action.form(data, context=self.context)

    def resumed(self, data: Mapping[str, Any]) -> ActionForm:
        """The form with what was entered so far, not judged; what was not asked yet has its suggestion."""
        return self.action.form(None, context=self.context, initial=as_typed(self.filled(data)))

    def taken_up(self, fields: Mapping[str, Any]) -> ActionForm:
        """The form with nested form data from a preset, an earlier dispatch or a vendor's body, not judged."""
        return self.resumed(flat(fields))

    def lacks_target(self) -> bool:
        """Whether the catalogue has nothing yet that this action could address."""
        target = self.action.form.base_fields.get(self.action.target_field)
        return isinstance(target, ItemChoiceField) and not self.context.catalogue.first(target.kind, MOST_SUGGESTED + 1)


def open_sheet(*, connection: Connection, action: Action, ref: str, person: Person | None) -> Sheet:
    """A sheet of that action; `person` gives the time zone in which moments are read, UTC when there is none."""
    return Sheet(connection, action, context_for(connection=connection, ref=ref, person=person))


def context_for(*, connection: Connection, ref: str, person: Person | None) -> FormContext:
    """What a provider's form needs to know of the desk."""
    return FormContext(
        account=connection.account(),
        reference=ref,
        zone=person.time_zone if person else "UTC",
        now=timezone.now(),
        catalogue=StoredCatalogue(connection),
    )


# --- what belongs to one reference ----------------------------------------------------------------


def suggested_anew(sheet: Sheet, earlier: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The suggestions of this sheet's reference for those fields that still hold the ones of an earlier reference."""
    before, after = sheet.action.form.suggest(replace(sheet.context, reference=earlier)), sheet.action.form.suggest(sheet.context)
    return {name: str(after[name]) for name, value in before.items() if name in after and data.get(name) == str(value)}


def made_names(sheet: Sheet) -> frozenset[str]:
    """The fields whose suggestion is made from the reference: a request id, a message name. They belong to one dispatch only."""
    other = replace(sheet.context, reference=refs_of(sheet.ref, 2)[1])
    here, there = sheet.action.form.suggest(sheet.context), sheet.action.form.suggest(other)
    return frozenset(name for name, value in here.items() if there.get(name) != value)


# --- what will be sent --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prepared:
    """A form that can be sent: its request for the record, and the same on the wire."""

    request: Request
    wire: WireRequest


def examine(sheet: Sheet, form: ActionForm) -> Prepared | None:
    """The exact request of a filled form; None when something is wrong, and then the form says what."""
    if not form.is_valid():
        return None
    try:
        request = prepare(connection=sheet.connection, action_key=sheet.action.key, form=form)
        return Prepared(request, wire(connection=sheet.connection, commands=[request.command]))
    except CannotExpress as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except NotConfigured as error:
        form.add_error(None, str(error))
    return None


def prepare(*, connection: Connection, action_key: str, form: ActionForm) -> Request:
    """The request of a valid form, for the record. Raises CannotExpress."""
    action = connection.vendor.action(action_key)
    command = action.command(form)
    summary = action.summarise(command)
    if action.spoken:
        summary = replace(summary, sentence=action.spoken(command, form.context.called))
    return Request(command, summary, _item(connection, action, form))


def _item(connection: Connection, action: Action, form: ActionForm) -> CatalogueItem | None:
    key = form.cleaned_data.get(action.target_field)
    return CatalogueItem.objects.filter(connection=connection, kind=action.target_kind, key=key).first() if key else None


def wire(*, connection: Connection, commands: Sequence[Command]) -> WireRequest:
    """The exact request of these commands. Raises CannotExpress when it is too large, NotConfigured without an address."""
    account, vendor = connection.account(), connection.vendor
    request = vendor.build(account, commands)
    most = vendor.limits.max_body
    if most and len(request.body) > most:
        text = _("The request has %(size)s bytes; %(provider)s takes at most %(most)s. Shorten what you enter.")
        raise CannotExpress(text % {"size": f"{len(request.body):,}", "most": f"{most:,}", "provider": vendor.label})
    return request
