"""The first steps of a new desk, and which of them are done."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.choices import Source, State
from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.roles import Permission


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the checklist."""

    title: str | Promise
    text: str | Promise
    url: str
    done: bool
    mine: bool
    """Whether the reader may take it."""


def steps(person: Person) -> list[Step]:
    """The checklist for that person; empty once every step is done."""
    may_connect, may_set_up = person.may(Permission.MANAGE_CONNECTIONS), person.may(Permission.EDIT_CATALOGUE)
    found = [
        Step(
            _("Connect a provider"),
            _("An account at Vonage, Acoustic or Google, or the sandbox."),
            reverse("connections"),
            Connection.objects.filter(archived_at=None).exists(),
            may_connect,
        ),
        Step(
            _("Set up a target"),
            _("A named route, a published message or an outbound number."),
            reverse("catalogue"),
            CatalogueItem.objects.filter(archived_at=None).exists(),
            may_set_up,
        ),
        Step(
            _("Send a first dispatch"),
            _("To the sandbox it reaches nobody."),
            reverse("compose"),
            Dispatch.objects.filter(state=State.ACCEPTED).exclude(source=Source.SAMPLE).exists(),
            person.may(Permission.COMPOSE),
        ),
        Step(
            _("Add your colleagues"),
            _("Supervisors send, admins connect, auditors read."),
            reverse("people"),
            Person.objects.count() > 1,
            person.may(Permission.MANAGE_PEOPLE),
        ),
    ]
    return [] if all(step.done for step in found) else found
