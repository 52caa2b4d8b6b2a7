"""Saved composer forms."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from dashboard.models.connections import Connection
from providers.base import Action


class Preset(models.Model):
    """A composer form under a name, for oneself or for all. Its values are sealed: they can hold numbers."""

    uid = models.UUIDField(unique=True)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets")
    shared = models.BooleanField(default=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="presets")
    action = models.CharField(max_length=40)
    fields_sealed = models.BinaryField()
    ask = models.JSONField(default=list)
    """Names of the fields left open, to be asked each time."""
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="preset_name_once")]

    @property
    def asked(self) -> Action:
        """The action as its provider declares it."""
        return self.connection.vendor.action(self.action)

    @property
    def place(self) -> str:
        """What the sealed values are bound to."""
        return f"preset|{self.uid}"


class SearchHandle(models.Model):
    """A search that contained a telephone number, so that only this handle stands in the address."""

    handle = models.CharField(max_length=22, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text_sealed = models.BinaryField()
    shown = models.CharField(max_length=100)
    """What was searched for, masked."""
    created_at = models.DateTimeField(auto_now_add=True)

    @property
    def place(self) -> str:
        """What the sealed text is bound to."""
        return f"search|{self.handle}"
