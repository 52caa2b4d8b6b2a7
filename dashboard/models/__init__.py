"""The desk's tables, one module per area."""

from dashboard.models.audit import AuditEvent
from dashboard.models.catalogue import CatalogueItem
from dashboard.models.connections import AccessToken, Connection, Desk, Secret
from dashboard.models.dispatches import Attempt, Decision, Dispatch, Invocation, Reference
from dashboard.models.lanes import Chore, Errand, Lane, Worker
from dashboard.models.people import Person
from dashboard.models.presets import Preset, SearchHandle
from dashboard.models.sessions import Session

__all__ = [
    "AccessToken",
    "Attempt",
    "AuditEvent",
    "CatalogueItem",
    "Chore",
    "Connection",
    "Decision",
    "Desk",
    "Dispatch",
    "Errand",
    "Invocation",
    "Lane",
    "Person",
    "Preset",
    "Reference",
    "SearchHandle",
    "Secret",
    "Session",
    "Worker",
]
