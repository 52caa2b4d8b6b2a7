"""The audit trail as sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.models import AuditEvent, Person
from dashboard.roles import Permission
from dashboard.services.audit import SENTENCES

AREAS: dict[str, str | Promise] = {
    "access": _("Sign-ins and refusals"),
    "person": _("People"),
    "connection": _("Connections"),
    "secret": _("Secrets"),
    "desk": _("Stopping everything"),
    "item": _("Catalogue"),
    "dispatch": _("Dispatches"),
    "number": _("Numbers looked at"),
    "preset": _("Presets"),
    "export": _("Exports"),
    "redirect": _("Redirects refused"),
    "tls": _("Servers not trusted"),
}
"""The beginnings of actions, and what they are about."""

PAGES: dict[str, tuple[Permission, Callable[[AuditEvent], str]]] = {
    "dispatch": (Permission.READ_HISTORY, lambda event: reverse("dispatch", args=[event.object_id])),
    "catalogueitem": (Permission.READ_CATALOGUE, lambda event: reverse("item", args=[event.object_id])),
    "connection": (Permission.MANAGE_CONNECTIONS, lambda event: reverse("connection", args=[event.object_name])),
    "person": (Permission.MANAGE_PEOPLE, lambda event: reverse("person", args=[event.object_id])),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty values narrow nothing."""

    who: str = ""
    what: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the reader sees it."""

    event: AuditEvent
    who: str | Promise
    sentence: str
    url: str


def events(filters: Filters) -> QuerySet[AuditEvent]:
    """The events that fit."""
    found = AuditEvent.objects.all()
    if filters.who:
        found = found.filter(actor_name__iexact=filters.who)
    if filters.what:
        found = found.filter(Q(action__startswith=f"{filters.what}.") | Q(action__startswith=f"{filters.what}s."))
    if filters.about:
        ids = Q(object_id=filters.about) | Q(request_id=filters.about) | Q(session=filters.about)
        found = found.filter(ids | Q(object_name__icontains=filters.about))
    if filters.since:
        found = found.filter(at__gte=filters.since)
    if filters.until:
        found = found.filter(at__lt=filters.until)
    return found


def line(event: AuditEvent, reader: Person) -> Line:
    """An event in words, with the way to what it is about when the reader may go there."""
    needed, address = PAGES.get(event.object_type, (None, None))
    url = address(event) if address and needed and event.object_id and reader.may(needed) else ""
    return Line(event, event.actor_name or _("Somebody"), sentence(event), url)


def sentence(event: AuditEvent) -> str:
    """What was done, in words; an action that is no longer declared by its own name."""
    words: dict[str, Any] = {"name": event.object_name, **event.detail}
    words |= {"kind": str(words["kind"]).lower()} if "kind" in words else {}
    if when := parse_datetime(str(words.get("when", ""))):
        words["when"] = date_format(timezone.localtime(when), "j M Y, H:i")
    return str(SENTENCES.get(event.action, event.action)).format_map(Lenient(words))


class Lenient(dict[str, Any]):
    """Shows a dash for what an event does not name."""

    def __missing__(self, key: str) -> str:
        return "—"
