"""The secrets of connections: sealed at rest, written by people, read by the worker alone, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from dashboard import crypto
from dashboard.models import AccessToken, Connection, Person, Secret
from dashboard.services import audit
from providers.errors import NotConfigured
from providers.types import Secrets

OLD_AFTER_DAYS = 90
"""Days after which a secret should be replaced."""


@dataclass(frozen=True, slots=True)
class SecretState:
    """What may be known of a secret: everything but itself."""

    name: str
    label: str
    help: str
    set: bool
    set_at: datetime | None = None
    set_by: str = ""
    fingerprint: str = ""
    age_days: int = 0

    @property
    def old(self) -> bool:
        """Whether it is time to replace it."""
        return self.age_days >= OLD_AFTER_DAYS


@sensitive_variables()
def read(*, connection: Connection) -> Secrets:
    """The secrets of a connection in clear, for the call about to be made.

    Raises NotConfigured when one is missing, or cannot be opened with the keys at hand.
    """
    stored = {secret.name: secret for secret in Secret.objects.filter(connection=connection)}
    if missing := [str(field.label) for field in connection.vendor.secrets if field.name not in stored]:
        raise NotConfigured(_("%(name)s lacks its credentials: %(missing)s.") % {"name": connection.name, "missing": ", ".join(missing)})
    return Secrets({field.name: _opened(stored[field.name], connection) for field in connection.vendor.secrets})


def unreadable() -> list[str]:
    """The stored secrets that cannot be opened with the keys at hand, as "client_id of vcc-emea"."""
    rows = Secret.objects.select_related("connection").order_by("connection__name", "name")
    return [f"{row.name} of {row.connection.name}" for row in rows if not _opens(row)]


def _opens(secret: Secret) -> bool:
    try:
        crypto.unseal(secret.sealed, secret.place)
    except crypto.Unreadable:
        return False
    return True


def _opened(secret: Secret, connection: Connection) -> str:
    secret.connection = connection
    try:
        return crypto.unseal(secret.sealed, secret.place).decode()
    except crypto.Unreadable as error:
        text = _("The secret %(secret)s of %(name)s cannot be opened. %(reason)s")
        raise NotConfigured(text % {"secret": secret.name, "name": connection.name, "reason": error}) from error


@sensitive_variables("value")
@transaction.atomic
def put(*, connection: Connection, name: str, value: str, by: Person | str) -> Secret:
    """Seal a secret in place of an earlier one. The token that the earlier one earned is dropped. Raises KeyError for an unknown name."""
    label = _labels(connection)[name]
    _lock(connection)
    secret = Secret.objects.filter(connection=connection, name=name).first() or Secret(connection=connection, name=name)
    secret.connection = connection
    secret.sealed = crypto.seal(value.encode(), secret.place)
    secret.fingerprint = crypto.fingerprint(value)
    secret.set_at, secret.set_by = timezone.now(), str(by)
    secret.save()
    _renew(connection)
    audit.record(by, "secret.set", obj=connection, detail={"secret": label, "fingerprint": secret.fingerprint})
    return secret


@sensitive_variables("values")
@transaction.atomic
def put_all(*, connection: Connection, values: Mapping[str, str], by: Person | str) -> None:
    """Seal several secrets at once: no call sees the new one beside the old other."""
    for name, value in values.items():
        put(connection=connection, name=name, value=value, by=by)


@transaction.atomic
def clear(*, connection: Connection, by: Person | str, reason: str) -> int:
    """Remove every secret of a connection and its token; the number removed."""
    _lock(connection)
    stored = list(Secret.objects.filter(connection=connection).order_by("id"))
    for secret in stored:
        detail = {"secret": _labels(connection).get(secret.name, secret.name), "reason": reason, "fingerprint": secret.fingerprint}
        audit.record(by, "secret.cleared", obj=connection, detail=detail)
        secret.delete()
    _renew(connection)
    return len(stored)


def _lock(connection: Connection) -> None:
    """One change of a connection's secrets at a time."""
    Connection.objects.select_for_update().get(pk=connection.pk)


def _labels(connection: Connection) -> dict[str, str]:
    return {field.name: str(field.label) for field in connection.vendor.secrets}


def _renew(connection: Connection) -> None:
    """Count the change, so that a token or a renewal made with the earlier secrets is no longer trusted."""
    Connection.objects.filter(pk=connection.pk).update(secrets_version=F("secrets_version") + 1)
    connection.refresh_from_db(fields=["secrets_version"])
    AccessToken.objects.filter(connection=connection).update(sealed=None, issued_at=0, expires_at=0)


def state(*, connection: Connection) -> list[SecretState]:
    """What may be known of each secret that the connection needs."""
    stored = {secret.name: secret for secret in connection.secrets.all()}
    states = []
    for field in connection.vendor.secrets:
        states.append(_state(SecretState(field.name, str(field.label), str(field.help), set=False), stored.get(field.name)))
    return states


def _state(blank: SecretState, secret: Secret | None) -> SecretState:
    if secret is None:
        return blank
    age = (timezone.now() - secret.set_at).days
    return replace(blank, set=True, set_at=secret.set_at, set_by=secret.set_by, fingerprint=secret.fingerprint, age_days=max(0, age))
