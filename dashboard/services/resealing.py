"""Rotation of the keys: everything sealed in the database under the current first key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from dashboard import crypto
from dashboard.models import AccessToken, Dispatch, Invocation, Person, Preset, SearchHandle, Secret
from dashboard.services import audit

CHUNK = 200
"""Rows sealed again in one transaction, so that the worker is never kept waiting."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One encrypted column, and what its values are bound to."""

    model: type[models.Model]
    column: str
    place: Callable[[Any], str]


SEALED = (
    SealedColumn(Secret, "sealed", lambda row: row.place),
    SealedColumn(AccessToken, "sealed", lambda row: row.place),
    SealedColumn(Dispatch, "command_sealed", lambda row: row.place),
    SealedColumn(Invocation, "request_sealed", lambda row: row.place("request")),
    SealedColumn(Invocation, "answer_sealed", lambda row: row.place("answer")),
    SealedColumn(Preset, "fields_sealed", lambda row: row.place),
    SealedColumn(SearchHandle, "text_sealed", lambda row: row.place),
)


def reseal_all(*, by: Person | str) -> int:
    """Seal every value again that an older key sealed; how many there were.

    Can be stopped and repeated at any time, beside a running worker. Raises crypto.Unreadable, naming the value,
    when no key opens one.
    """
    count = sum(_reseal(column, chunk) for column in SEALED for chunk in _chunks(column))
    audit.record(by, "secrets.rotated", detail={"count": count})
    return count


def _chunks(column: SealedColumn) -> Iterator[list[Any]]:
    rows: models.QuerySet[Any] = column.model._default_manager.exclude(**{column.column: None}).order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


@transaction.atomic
def _reseal(column: SealedColumn, rows: list[Any]) -> int:
    keyring = crypto.keyring()
    count = 0
    for row in rows:
        sealed = bytes(getattr(row, column.column))
        if keyring.is_current(sealed):
            continue
        try:
            fresh = keyring.seal(keyring.open(sealed, column.place(row)), column.place(row))
        except crypto.Unreadable as error:
            raise crypto.Unreadable(f"{column.model._meta.verbose_name} {row.pk}: {error}") from error
        # Only in place of the value that was read: a secret put meanwhile stays.
        count += column.model._default_manager.filter(pk=row.pk, **{column.column: sealed}).update(**{column.column: fresh})
    return count
