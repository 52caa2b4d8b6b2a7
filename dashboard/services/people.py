"""People: adding, roles, disabling, one-time password links. There is always an active admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from dashboard.choices import RECALLABLE
from dashboard.models import Connection, Dispatch, Person
from dashboard.roles import Role
from dashboard.services import audit
from dashboard.services.changes import refuse_overtaken, version_of
from dashboard.services.submitting import needed

Actor = Person | str
CHANGEABLE = ("name", "time_zone", *(f"is_{role}" for role in Role))


class NotAllowed(ValidationError):
    """A change that would leave the desk without an admin, or its maker locked out."""


@transaction.atomic
def add(*, username: str, name: str, roles: list[Role], time_zone: str, by: Actor) -> Person:
    """Add somebody. They have no password until they use a link or are given one."""
    person = Person(username=username, name=name, time_zone=time_zone)
    for role in roles:
        setattr(person, f"is_{role}", True)
    person.set_unusable_password()
    person.save()
    audit.record(by, "person.added", obj=person, detail={"roles": _words(person.roles)}, after=described(person))
    return person


@transaction.atomic
def change(*, person: Person, changes: Mapping[str, Any], by: Actor, opened: str = "") -> list[str]:
    """Set name, time zone and roles (`is_…`); returns what differs. A change of roles ends the person's sessions.

    Raises NotAllowed when no admin would be left, or when admins take the role from themselves; Refused when somebody
    else has changed the person since the version `opened`.
    """
    current = _locked(person)
    before = described(current)
    refuse_overtaken(current, before, opened)
    changed = [name for name in CHANGEABLE if name in changes and getattr(current, name) != changes[name]]
    if not changed:
        return []
    if current.is_admin and changes.get("is_admin") is False:
        _refuse_loss_of_admin(current, by)
    for name in changed:
        setattr(current, name, changes[name])
    current.save(update_fields=changed)
    suspend_dispatches(current)
    words = ", ".join(f"{_label(name)}: {_shown(before[name])} → {_shown(getattr(current, name))}" for name in changed)
    audit.record(by, "person.changed", obj=current, detail={"changes": words}, before=before, after=described(current))
    return changed


@transaction.atomic
def disable(*, person: Person, by: Actor) -> int:
    """End the person's sessions and keep them out; returns how many of their dispatches now wait for somebody else."""
    current = _locked(person)
    if not current.is_active:
        return 0
    if isinstance(by, Person) and by.pk == current.pk:
        raise NotAllowed(_("You cannot disable yourself. Another admin can."))
    if current.is_admin:
        _refuse_loss_of_admin(current, by)
    current.is_active = False
    current.save(update_fields=["is_active"])
    count = suspend_dispatches(current)
    audit.record(by, "person.disabled", obj=current, detail={"suspended": count})
    return count


@transaction.atomic
def enable(*, person: Person, by: Actor) -> None:
    """Let a disabled person in again. Dispatches that were suspended stay so until somebody decides about them."""
    current = _locked(person)
    if not current.is_active:
        current.is_active = True
        current.save(update_fields=["is_active"])
        audit.record(by, "person.enabled", obj=current)


def suspend_dispatches(person: Person) -> int:
    """Keep from being claimed what the person made, may no longer send, and what has not left yet; how many these are."""
    open_ones = Dispatch.objects.filter(created_by=person, state__in=RECALLABLE, unanswered=False, suspended=False)
    kinds = list(open_ones.order_by().values_list("connection", "action").distinct())
    connections = Connection.objects.in_bulk({connection for connection, _action in kinds})
    lost = [kind for kind in kinds if not person.may(needed(connections[kind[0]], kind[1]))]
    return sum(open_ones.filter(connection=connection, action=action).update(suspended=True) for connection, action in lost)


@transaction.atomic
def make_link(*, person: Person, by: Actor) -> str:
    """The path of a one-time link under which the person chooses a password. It is shown once and kept nowhere."""
    audit.record(by, "person.link_made", obj=person)
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("password_link", args=[uid, default_token_generator.make_token(person)])


def find_by_link(uidb64: str, token: str) -> Person | None:
    """The person whom a link is for, while it holds: unused, not older than PASSWORD_LINK_SECONDS."""
    try:
        person = Person.objects.filter(pk=int(urlsafe_base64_decode(uidb64)), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return person if person and default_token_generator.check_token(person, token) else None


@transaction.atomic
def set_password(*, person: Person, password: str, by: Actor, temporary: bool = False) -> None:
    """Set a password that was checked before; ends every other session. A temporary one must be changed at first use."""
    person.set_password(password)
    person.must_choose_password = temporary
    person.save(update_fields=["password", "must_choose_password"])
    audit.record(by, "access.password_set" if by == person else "person.password_set", obj=person)


@transaction.atomic
def set_time_zone(*, person: Person, time_zone: str) -> None:
    """A person's own choice of the zone in which times are shown."""
    change(person=person, changes={"time_zone": time_zone}, by=person)


def version(person: Person) -> str:
    """The version of what an admin sets."""
    return version_of(described(person))


def described(person: Person) -> dict[str, Any]:
    """What of a person an admin can change, for digests."""
    return {name: getattr(person, name) for name in CHANGEABLE} | {"username": person.username, "is_active": person.is_active}


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update().get(pk=person.pk)


def _refuse_loss_of_admin(person: Person, by: Actor) -> None:
    if isinstance(by, Person) and by.pk == person.pk:
        raise NotAllowed(_("You cannot take the admin role from yourself. Another admin can."))
    admins = Person.objects.select_for_update().filter(is_admin=True, is_active=True)
    if not [admin for admin in admins if admin.pk != person.pk]:
        raise NotAllowed(_("%(name)s is the last active admin; make somebody else an admin first.") % {"name": person.username})


def _label(name: str) -> str:
    labels = {"name": _("name"), "time_zone": _("time zone")} | {f"is_{role}": str(role.label).lower() for role in Role}
    return labels[name]


def _shown(value: Any) -> str:
    return {True: _("yes"), False: _("no"), "": "—"}.get(value, str(value))


def _words(roles: list[Role]) -> str:
    return ", ".join(str(role.label) for role in roles) or _("nobody in particular")
