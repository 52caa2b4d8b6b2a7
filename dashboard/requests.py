"""The request as the desk's views see it."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, QueryDict
from django_htmx.middleware import HtmxDetails

from dashboard.models import Person

INVALID = 422
"""The status of a page that shows a form again because of what was entered."""


class DeskRequest(HttpRequest):
    """A request of a signed-in person."""

    user: Person
    htmx: HtmxDetails


def seen_mark(shown: str) -> str:
    """What tells one state of a page's part from another: the part asks with the mark of what it shows."""
    return sha256(shown.encode()).hexdigest()[:16]


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing; None when it is only asked for."""
    return request.POST if request.method == "POST" else None
