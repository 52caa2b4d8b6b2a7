"""Connections to providers and their secrets."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from dashboard.choices import Environment
from providers.base import Provider
from providers.registry import provider
from providers.types import Account


class Connection(models.Model):
    """One account at a provider: where it is and how it may be used. Admins own it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.SlugField(max_length=60)
    provider = models.CharField(max_length=40)
    environment = models.CharField(max_length=20, choices=Environment, default=Environment.TEST)
    settings = models.JSONField(default=dict)
    country = models.CharField(max_length=2, blank=True)
    undo_seconds = models.PositiveSmallIntegerField(default=0)
    secrets_version = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=60, blank=True)
    """Who paused it; empty while it runs or when the machine paused it."""
    paused_reason = models.CharField(max_length=500, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="connection_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def vendor(self) -> Provider:
        """The provider this connection belongs to."""
        return provider(self.provider)

    @property
    def is_paused(self) -> bool:
        """Whether a person or the machine has paused it."""
        return self.paused_at is not None

    def account(self) -> Account:
        """What the provider's pure functions need to know."""
        return Account(provider=self.provider, name=self.name, settings=dict(self.settings), country=self.country)


class Secret(models.Model):
    """One secret of a connection, sealed. Nothing ever shows it again."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=40)
    sealed = models.BinaryField()
    fingerprint = models.CharField(max_length=8)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="secret_once")]

    @property
    def place(self) -> str:
        """What the ciphertext is bound to."""
        return f"secret|{self.connection.uid}|{self.name}"


class AccessToken(models.Model):
    """The bearer token that a connection's calls share, sealed; and who is renewing it."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="token")
    sealed = models.BinaryField(null=True)
    secrets_version = models.PositiveIntegerField(default=0)
    issued_at = models.FloatField(default=0)
    """Seconds since the epoch, like the next two."""
    expires_at = models.FloatField(default=0)
    asked_at = models.FloatField(default=0)
    holder = models.CharField(max_length=80, blank=True)
    held_until = models.FloatField(default=0)

    @property
    def place(self) -> str:
        """What the ciphertext is bound to."""
        return f"token|{self.connection.uid}"


class Desk(models.Model):
    """The one row of desk-wide state: the global stop, and the instance that sends from this database."""

    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.CharField(max_length=60, blank=True)
    stopped_reason = models.CharField(max_length=500, blank=True)
    instance = models.CharField(max_length=60, blank=True)
    newcomer = models.CharField(max_length=60, blank=True)
    """The instance whose worker stopped the desk, and to which the database belongs once an admin lets sending go on."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="desk_is_one_row")]

    @classmethod
    def load(cls) -> Desk:
        """The row, made at first use."""
        return cls.objects.get_or_create(pk=1)[0]


def person_key(**options: Any) -> models.ForeignKey[Any, Any]:
    """A reference to a person, who can be disabled but never deleted; a name column stands beside each."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", **options)
