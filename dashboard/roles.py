"""Who may do what: the matrix of roles and permissions."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person is at the desk. A person can hold several."""

    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Admin")
    AUDITOR = "auditor", _("Auditor")

    @property
    def duty(self) -> str:
        """What it is there for, in a sentence."""
        return str(DUTIES[self])


DUTIES: dict[Role, str | Promise] = {
    Role.SUPERVISOR: _("Composes and sends, schedules, decides about doubts, keeps presets and the catalogue."),
    Role.ADMIN: _("Sets up connections, credentials, people and the catalogue; reads history and audit trail. Sends nothing."),
    Role.AUDITOR: _("Reads history, catalogue and audit trail, and may reveal a number with a reason. Changes nothing."),
}


class Permission(StrEnum):
    """What a view or command needs."""

    SIGNED_IN = "signed_in"
    COMPOSE = "compose"
    """Compose, schedule, presets, release, cancel, decide on doubts."""
    READ_CATALOGUE = "read_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    MANAGE_CONNECTIONS = "manage_connections"
    MANAGE_PEOPLE = "manage_people"
    READ_HISTORY = "read_history"
    REVEAL = "reveal"
    READ_AUDIT = "read_audit"
    EXPORT = "export"
    STOP_ALL = "stop_all"


HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.SIGNED_IN: frozenset(Role),
    Permission.COMPOSE: frozenset({Role.SUPERVISOR}),
    Permission.READ_CATALOGUE: frozenset(Role),
    Permission.EDIT_CATALOGUE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Permission.MANAGE_CONNECTIONS: frozenset({Role.ADMIN}),
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Permission.READ_HISTORY: frozenset(Role),
    Permission.REVEAL: frozenset({Role.SUPERVISOR, Role.AUDITOR}),
    Permission.READ_AUDIT: frozenset({Role.ADMIN, Role.AUDITOR}),
    Permission.EXPORT: frozenset({Role.AUDITOR}),
    Permission.STOP_ALL: frozenset({Role.SUPERVISOR, Role.ADMIN}),
}
