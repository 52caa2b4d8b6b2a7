"""What supervisors set up under a connection."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from dashboard.models.connections import Connection
from providers.base import CatalogueKind
from providers.types import Item


class CatalogueItem(models.Model):
    """A named route, skill, published message, outbound number …: the provider declares the kinds."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    """The vendor's name or id."""
    label = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint("connection", "kind", Lower("key"), name="catalogue_item_once")]
        indexes = [models.Index(fields=["kind", "id"])]

    def __str__(self) -> str:
        return self.label or self.key

    @property
    def declared(self) -> CatalogueKind:
        """The kind as its provider declares it."""
        return self.connection.vendor.kind(self.kind)

    def as_item(self) -> Item:
        """The item as providers' forms see it."""
        return Item(key=self.key, label=self.label, data=self.data, archived=self.archived_at is not None)
