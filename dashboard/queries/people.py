"""People for lists."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from dashboard.models import Person


def people(text: str = "") -> QuerySet[Person]:
    """Everybody, or those whose user name or name holds the text."""
    everybody = Person.objects.all()
    return everybody.filter(Q(username__icontains=text) | Q(name__icontains=text)) if text else everybody
