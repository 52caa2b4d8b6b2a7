"""Finds dispatches by an id, by the beginning of an id, or by a telephone number."""

from __future__ import annotations

import re
import secrets

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet

from dashboard import crypto
from dashboard.models import Connection, Dispatch, Person, Reference, SearchHandle
from providers.fields import read_number
from providers.redact import mask_number

NUMBER = re.compile(r"(?:\+|\d)(?:[\W_]*\d){6}")


def find(dispatches: QuerySet[Dispatch], text: str) -> QuerySet[Dispatch]:
    """Those dispatches that an id, a target's name or a number leads to."""
    wanted = Q(kind="number", folded__in=hashes(text)) | ~Q(kind="number") & starts_with(text.strip().casefold())
    return dispatches.filter(pk__in=Reference.objects.filter(wanted).values("dispatch"))


def starts_with(text: str) -> Q:
    """References that begin with `text`, through the index: SQLite's LIKE cannot use one, a range can."""
    if connection.vendor == "sqlite":
        return Q(folded__gte=text, folded__lt=text + "\U0010ffff")
    return Q(folded__startswith=text)


def hashes(text: str) -> list[str]:
    """The keyed hashes of every number that the text can mean: as written, and in each country of a connection."""
    countries = Connection.objects.exclude(country="").values_list("country", flat=True).distinct()
    numbers = {number for country in ("", *countries) if (number := _number(text, country))}
    return [crypto.number_hash(number) for number in sorted(numbers)]


def may_be_number(text: str) -> bool:
    """Whether somebody's telephone number may stand in the text, also beside words: seven digits with no letter between them."""
    return bool(NUMBER.search(text))


def _number(text: str, country: str) -> str:
    try:
        return read_number(text, country)
    except ValidationError:
        return ""


def keep(text: str, *, owner: Person) -> SearchHandle:
    """Put a search that may hold a number behind a handle for its owner."""
    handle = SearchHandle(handle=secrets.token_urlsafe(16), owner=owner, shown=mask_number(text.strip())[:100])
    handle.text_sealed = crypto.seal(text.encode(), handle.place)
    handle.save()
    return handle


def kept(handle: str, *, owner: Person) -> tuple[str, str]:
    """The text behind a handle of that owner, and how to show it; both empty for an unknown one."""
    found = SearchHandle.objects.filter(handle=handle, owner=owner).first()
    if found is None:
        return "", ""
    return crypto.unseal(found.text_sealed, found.place).decode(), found.shown
