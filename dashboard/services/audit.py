"""Appends to the audit trail. Every event is declared here, with the sentence that shows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.models import AuditEvent, Person
from dashboard.request_context import acting

SENTENCES: dict[str, str | Promise] = {
    "access.signed_in": _("signed in"),
    "access.sign_in_refused": _("was refused at sign-in as {name}"),
    "access.signed_out": _("signed out"),
    "access.proved": _("gave their password again"),
    "access.sessions_ended": _("ended {count} other sessions of their own"),
    "access.refused": _("was refused {path}"),
    "access.password_set": _("chose a new password"),
    "person.added": _("added {name} as {roles}"),
    "person.changed": _("changed {name}: {changes}"),
    "person.disabled": _("disabled {name}"),
    "person.enabled": _("enabled {name}"),
    "person.password_set": _("set the password of {name}"),
    "person.link_made": _("made a one-time password link for {name}"),
    "connection.added": _("added the connection {name}"),
    "connection.changed": _("changed the connection {name}: {changes}"),
    "connection.archived": _("archived the connection {name}"),
    "connection.paused": _("paused the connection {name}: {reason}"),
    "connection.resumed": _("resumed the connection {name}"),
    "connection.tested": _("tested the connection {name}: {result}"),
    "secret.set": _("set the secret {secret} of {name} (fingerprint {fingerprint})"),
    "secret.cleared": _("cleared the secret {secret} of {name}: {reason}"),
    "secrets.rotated": _("sealed {count} values again under the current key"),
    "desk.stopped": _("stopped all sending: {reason}"),
    "desk.resumed": _("let sending go on"),
    "desk.settled": _("made this database belong to the instance {instance}"),
    "desk.handed_over": _("handed this database over from the instance {owner} to {instance}"),
    "desk.refused": _("refused to send: it is of the instance {instance}, this database of {owner}"),
    "item.added": _("added the {kind} {name}"),
    "item.changed": _("changed the {kind} {name}: {changes}"),
    "item.archived": _("archived the {kind} {name}"),
    "item.restored": _("restored the {kind} {name}"),
    "items.imported": _("imported {count} catalogue items to {name}"),
    "dispatch.made": _("sent {name} through {connection}"),
    "dispatch.scheduled": _("scheduled {name} through {connection} for {when}"),
    "dispatch.cancelled": _("took back {name}"),
    "dispatch.hurried": _("let {name} leave at once"),
    "dispatch.sent_again": _("sent {name} again, in place of {earlier}"),
    "dispatch.decided": _("decided about {name}: {found}. {reason}"),
    "number.revealed": _("looked at the number of {name}: {reason}"),
    "preset.saved": _("saved the preset {name}"),
    "preset.deleted": _("deleted the preset {name}"),
    "export.made": _("exported {what}: {count} rows"),
    "redirect.refused": _("refused to follow a redirect of {name}"),
    "tls.refused": _("refused to trust the server of {name}: {reason}"),
}


def record(
    actor: Person | AnonymousUser | str | None,
    action: str,
    *,
    obj: Any = None,
    name: str = "",
    detail: Mapping[str, Any] | None = None,
    before: Any = None,
    after: Any = None,
) -> AuditEvent:
    """Append one event. `actor` is a person, or a word for who acted without one ("worker", "terminal").

    `before` and `after` are JSON values of which only digests are kept. Raises KeyError for an undeclared action.
    """
    SENTENCES[action]
    person = actor if isinstance(actor, Person) else None
    now = acting.get()
    return AuditEvent.objects.create(
        at=timezone.now(),
        actor=person,
        actor_name=person.username if person else actor if isinstance(actor, str) else "",
        roles=",".join(person.roles) if person else "",
        action=action,
        object_type=type(obj).__name__.lower() if obj is not None else "",
        object_id=str(getattr(obj, "ref", "") or getattr(obj, "pk", "") or ""),
        object_name=(name or (str(obj) if obj is not None else ""))[:300],
        detail=dict(detail or {}),
        before_digest=digest(before),
        after_digest=digest(after),
        request_id=now.request_id,
        address=now.address,
        session=now.session,
    )


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value in canonical form; empty for None."""
    if value is None:
        return ""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()
