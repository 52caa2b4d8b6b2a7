"""The request as the desk's views see it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dashboard.models import Person


class DeskRequest(HttpRequest):
    """A request of a signed-in person."""

    user: Person
    htmx: HtmxDetails
