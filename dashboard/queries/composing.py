"""What the composer offers for a quick start: the targets that a person used lately."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from dashboard.models import CatalogueItem, Dispatch, Person
from providers.base import Action

LOOKED_AT = 60
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Recent:
    """A target that was used lately, and the form that starts with it."""

    item: CatalogueItem
    action: Action
    url: str


def recent_targets(person: Person) -> list[Recent]:
    """The catalogue items that this person sent to last, the newest first, each once."""
    rows = Dispatch.objects.filter(created_by=person, item__archived_at=None, connection__archived_at=None, item__isnull=False)
    newest = rows.select_related("item", "connection").defer("command_sealed").order_by("-id")[:LOOKED_AT]
    found: dict[tuple[int | None, str], Recent] = {}
    for dispatch in newest:
        if dispatch.asked.composed and dispatch.asked.target_field:
            found.setdefault((dispatch.item_id, dispatch.action), _recent(dispatch))
    return list(found.values())[:SHOWN]


def _recent(dispatch: Dispatch) -> Recent:
    item, action = dispatch.item, dispatch.asked
    assert item is not None
    url = reverse("compose_form", args=[dispatch.connection.name, action.key])
    return Recent(item, action, f"{url}?item={item.pk}")


def sent_under(ref: str) -> Dispatch | None:
    """What a form with that reference became, when it was sent already."""
    return Dispatch.objects.filter(submission=ref).only("ref").order_by("position").first()
