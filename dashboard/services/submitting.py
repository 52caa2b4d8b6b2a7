"""Records what a form asks for: once, whatever is clicked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import crypto
from dashboard.choices import Source, State
from dashboard.models import CatalogueItem, Connection, Dispatch, Person, Reference
from dashboard.roles import Permission
from dashboard.services import audit, disk
from dashboard.services.failpoints import hit
from dashboard.services.refs import refs_of
from dashboard.services.refusals import KeyTaken, OtherContent, Refused
from dashboard.services.superseding import check_may_supersede
from providers.base import Repeat
from providers.fields import read_number
from providers.types import Command, Summary


@dataclass(frozen=True, slots=True)
class Request:
    """One command with its words and the catalogue item it addresses."""

    command: Command
    summary: Summary
    item: CatalogueItem | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The dispatches of a submission, in their order; `repeated` when they were there already."""

    dispatches: list[Dispatch]
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Terms:
    """What holds for all dispatches of one submission."""

    connection: Connection
    by: Person
    source: Source
    now: datetime
    due_at: datetime
    scheduled: bool
    urgent: bool
    give_up_after: float
    supersedes: Dispatch | None


def submit(
    *,
    connection: Connection,
    requests: Sequence[Request],
    ref: str,
    by: Person,
    source: Source | str,
    due_at: datetime | None = None,
    scheduled: bool = False,
    urgent: bool = True,
    give_up_after: float | None = None,
    supersedes: Dispatch | None = None,
) -> Submitted:
    """Record the dispatches of one form, once, with their audit events, in one transaction.

    The first gets `ref`, the others `refs_of(ref, …)`; several travel in one call where the provider can.
    `give_up_after` is in seconds from when they are due. Raises OtherContent, KeyTaken or Refused.
    """
    terms = _terms(connection, by, Source(source), due_at, scheduled, urgent, give_up_after, supersedes)
    digests = [_digest(terms, request) for request in requests]
    if earlier := _submitted(ref, digests):
        return earlier
    try:
        with transaction.atomic():
            _check(terms, requests)
            made = _store(terms, requests, digests, ref)
            hit("submit.stored")
        hit("submit.committed")
        return Submitted(made, repeated=False)
    except IntegrityError:
        if earlier := _submitted(ref, digests):
            return earlier
        raise _refusal(connection, requests, supersedes) from None


def _terms(
    connection: Connection,
    by: Person,
    source: Source,
    due_at: datetime | None,
    scheduled: bool,
    urgent: bool,
    give_up_after: float | None,
    supersedes: Dispatch | None,
) -> _Terms:
    now = timezone.now()
    undo = timedelta(seconds=connection.undo_seconds if source is Source.SCREEN else 0)
    patience = settings.GIVE_UP_AFTER if give_up_after is None else give_up_after
    return _Terms(connection, by, source, now, max(due_at or now + undo, now), scheduled, urgent, patience, supersedes)


def _digest(terms: _Terms, request: Request) -> str:
    when = terms.due_at.isoformat() if terms.scheduled else ""
    item = request.item.pk if request.item else None
    command = request.command
    return audit.digest([terms.connection.pk, command.action, command.key, command.values, item, when])


def _submitted(ref: str, digests: list[str]) -> Submitted | None:
    there = list(Dispatch.objects.filter(submission=ref).order_by("position"))
    if not there:
        return None
    if [dispatch.content_digest for dispatch in there] != digests:
        raise OtherContent(there[0])
    return Submitted(there, repeated=True)


def _check(terms: _Terms, requests: Sequence[Request]) -> None:
    disk.refuse_when_full()
    # Locked, so that nobody pauses or archives it between this look and the commit.
    connection = Connection.objects.select_for_update(no_key=True).get(pk=terms.connection.pk)
    if connection.archived_at:
        raise Refused(_("The connection %(name)s is archived; choose another.") % {"name": connection})
    if connection.is_paused:
        text = _("The connection %(name)s is paused (%(reason)s); wait until an admin resumes it or choose another.")
        raise Refused(text % {"name": connection, "reason": connection.paused_reason or _("no reason given")})
    if not requests:
        raise Refused(_("There is nothing to send."))
    for request in requests:
        _check_request(terms, request)
    if terms.supersedes:
        check_may_supersede(terms.supersedes)


def _check_request(terms: _Terms, request: Request) -> None:
    if not terms.by.may(needed(terms.connection, request.command.action)):
        raise Refused(_("Your role does not allow this."))
    item = request.item
    if item and (item.archived_at or item.connection_id != terms.connection.pk):
        raise Refused(_("“%(item)s” is archived or belongs to another connection; choose another.") % {"item": item})


def needed(connection: Connection, action: str) -> Permission:
    """The permission that making, and later sending, a dispatch of this action needs."""
    return Permission.COMPOSE if connection.vendor.action(action).composed else Permission.EDIT_CATALOGUE


def _store(terms: _Terms, requests: Sequence[Request], digests: list[str], ref: str) -> list[Dispatch]:
    refs = refs_of(ref, len(requests))
    made = []
    for position, (request, digest) in enumerate(zip(requests, digests, strict=True)):
        dispatch = _dispatch(terms, request, refs[position])
        dispatch.submission, dispatch.position, dispatch.content_digest = ref, position, digest
        dispatch.call_group = ref if len(requests) > 1 else ""
        dispatch.save()
        Reference.objects.bulk_create(_references(dispatch, request.summary, terms.connection.country))
        _record_made(terms, dispatch)
        made.append(dispatch)
    return made


def _dispatch(terms: _Terms, request: Request, ref: str) -> Dispatch:
    command, summary, vendor = request.command, request.summary, terms.connection.vendor
    ours = command.key == vendor.suggest_key(ref) or (vendor.repeat is Repeat.PROBE_NAME and vendor.proves(command.key, ref))
    dispatch = Dispatch(
        ref=ref,
        connection=terms.connection,
        provider=vendor.key,
        action=command.action,
        item=request.item,
        key=command.key,
        key_by_hand=not ours,
        target=summary.target[:300],
        detail=summary.detail[:300],
        sentence=summary.sentence,
        state=State.HELD if terms.due_at > terms.now else State.QUEUED,
        urgent=terms.urgent,
        due_at=terms.due_at,
        give_up_at=_give_up_at(terms, command),
        scheduled=terms.scheduled,
        created_at=terms.now,
        created_by=terms.by,
        created_by_name=terms.by.username,
        source=terms.source,
        supersedes=terms.supersedes,
    )
    dispatch.seal_command(command)
    return dispatch


def _give_up_at(terms: _Terms, command: Command) -> datetime:
    patience = terms.due_at + timedelta(seconds=terms.give_up_after)
    latest = terms.connection.vendor.latest(command)
    return min(patience, latest) if latest else patience


def _references(dispatch: Dispatch, summary: Summary, country: str) -> list[Reference]:
    named = [("target", summary.target), *summary.references]
    pairs = dict.fromkeys([*named, *(("number", hashed) for hashed in number_hashes(summary.personal, country))])
    return [Reference(dispatch=dispatch, kind=kind, value=value[:500], folded=value[:500].lower()) for kind, value in pairs if value]


def number_hashes(literals: Sequence[str], country: str) -> list[str]:
    """The hashes under which the numbers of a summary are found, whatever way they are written."""
    hashes = []
    for literal in literals:
        try:
            hashes.append(crypto.number_hash(read_number(literal, country)))
        except ValidationError:
            hashes.append(crypto.number_hash(literal))
    return hashes


def _record_made(terms: _Terms, dispatch: Dispatch) -> None:
    detail = {"name": dispatch.ref, "connection": terms.connection.name, "action": dispatch.action}
    if terms.scheduled:
        detail["when"] = dispatch.due_at.isoformat(timespec="minutes")
    if terms.supersedes:
        detail["earlier"] = terms.supersedes.ref
    event = "dispatch.sent_again" if terms.supersedes else "dispatch.scheduled" if terms.scheduled else "dispatch.made"
    audit.record(terms.by, event, obj=dispatch, detail=detail, after=dispatch.content_digest)


def _refusal(connection: Connection, requests: Sequence[Request], supersedes: Dispatch | None) -> Refused:
    keys = {request.command.key.lower() for request in requests}
    taken = Dispatch.objects.alias(folded=Lower("key")).filter(connection=connection, folded__in=keys)
    if earlier := taken.order_by("pk").first():
        return KeyTaken(earlier.key, earlier)
    if supersedes and Dispatch.objects.filter(supersedes=supersedes).exists():
        return Refused(_("%(ref)s was already sent again.") % {"ref": supersedes.ref})
    if len(keys) < len(requests):
        return Refused(_("Two of these dispatches carry the same key; give each its own."))
    return Refused(_("This could not be stored. Open the form again and repeat."))
