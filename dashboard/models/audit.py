"""The audit trail: append-only rows."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from dashboard.models.connections import person_key


class Events(models.QuerySet["AuditEvent"]):
    """Events can be read and added, one or many; there is no way to change or delete any."""

    def update(self, **values: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("Audit events are never changed.")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise TypeError("Audit events are never deleted.")


class AuditEvent(models.Model):
    """Who did what to what, and when. Never changed, never deleted, never holding a secret or a number."""

    at = models.DateTimeField(db_index=True)
    actor = person_key()
    actor_name = models.CharField(max_length=60, blank=True)
    roles = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=60)
    """A dotted word like `connection.paused`; dashboard.services.audit lists them all with their sentences."""
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    object_name = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    before_digest = models.CharField(max_length=64, blank=True)
    after_digest = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    session = models.CharField(max_length=16, blank=True)
    """A digest of the session's key: what was done in one session belongs together."""
    chain_hash = models.CharField(max_length=64, blank=True)
    """Room for the hash chain to come."""

    objects = Events.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; refuse to change."""
        if self.pk:
            raise TypeError("Audit events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise TypeError("Audit events are never deleted.")
