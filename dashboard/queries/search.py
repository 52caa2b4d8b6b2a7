"""Finds dispatches by the beginning of an id or of a name in the catalogue, or by a telephone number."""

from __future__ import annotations

import re
import secrets

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet

from dashboard import crypto
from dashboard.models import CatalogueItem, Connection, Dispatch, Person, Reference, SearchHandle
from providers.fields import read_number
from providers.redact import mask_number

NUMBER = re.compile(r"(?:\+|\d)(?:[\W_]*\d){6}")


def find(dispatches: QuerySet[Dispatch], text: str) -> QuerySet[Dispatch]:
    """Those dispatches that an id, the name of what they address or a number leads to."""
    folded = text.strip().lower()
    wanted = Q(kind="number", folded__in=hashes(text)) | ~Q(kind="number") & starts_with("folded", folded)
    by_id = Reference.objects.filter(wanted).values("dispatch")
    by_reference = Dispatch.objects.filter(starts_with("ref", folded)).values("pk")
    by_name = Dispatch.objects.filter(item__in=items_called(folded)).values("pk")
    return dispatches.filter(pk__in=by_id.union(by_reference, by_name))


def starts_with(column: str, text: str) -> Q:
    """Rows whose column begins with `text`, through the index: SQLite's LIKE cannot use one, a range can."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + "\U0010ffff"})
    return Q(**{f"{column}__startswith": text})


def items_called(text: str) -> QuerySet[CatalogueItem] | list[int]:
    """The catalogue's items whose names begin with a text in lower case. SQLite folds ASCII letters only, so others are compared here."""
    named = CatalogueItem.objects.exclude(label="")
    if text.isascii():
        return named.filter(label__istartswith=text)
    return [pk for pk, label in named.values_list("pk", "label") if label.lower().startswith(text)]


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
