"""Makes rows for tests. Everything has a sensible default; give what the test is about."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from dashboard.models import CatalogueItem, Connection, Dispatch, Lane, Person, Reference
from dashboard.services import secrets
from providers.registry import provider
from providers.sandbox.server import Sandbox
from providers.sandbox.world import ready_made
from providers.types import Command

PASSWORD = "a long enough password"
numbers = count(1)


def person(username: str = "", **roles: Any) -> Person:
    """A person; `supervisor=True`, `admin=True`, `auditor=True` give roles."""
    columns = {f"is_{name}" if name in ("supervisor", "admin", "auditor") else name: value for name, value in roles.items()}
    someone = Person(username=username or f"person{next(numbers)}", **columns)
    someone.set_password(PASSWORD)
    someone.save()
    return someone


SETTINGS: dict[str, dict[str, str]] = {
    "vonage": {
        "region": "custom",
        "api_url": "http://127.0.0.1:9/vonage",
        "token_url": "http://127.0.0.1:9/vonage/Auth/connect/token",
    },
    "acoustic": {"pod": "custom", "base_url": "http://127.0.0.1:9/acoustic"},
    "ccai": {"subdomain": "customer", "domain": "uc1.ccaiplatform.com", "base_url": "http://127.0.0.1:9/ccai", "agent_keys": "camel"},
}


def connection(provider_key: str = "vonage", **columns: Any) -> Connection:
    """A connection with its lane. `settings` default to addresses on loopback where nothing listens."""
    columns.setdefault("name", f"{provider_key}-{next(numbers)}")
    columns.setdefault("environment", "sandbox")
    columns.setdefault("settings", SETTINGS.get(provider_key, {}))
    made = Connection.objects.create(provider=provider_key, **columns)
    limits = provider(provider_key).limits
    Lane.objects.create(connection=made, in_flight_limit=limits.in_flight, calls=limits.calls, per_seconds=limits.per_seconds)
    return made


def item(connection: Connection, kind: str, key: str, **data: Any) -> CatalogueItem:
    """A catalogue item; keywords are its data."""
    return CatalogueItem.objects.create(connection=connection, kind=kind, key=key, data=data)


def sandbox_connection(box: Sandbox, provider_key: str = "vonage", **columns: Any) -> Connection:
    """A connection to the sandbox's ready-made account, with its secrets and its catalogue items."""
    account = ready_made(box.url)[provider_key]
    made = connection(provider_key, settings=dict(account["settings"]), country=account["country"], **columns)
    for name, value in account["secrets"].items():
        secrets.put(connection=made, name=name, value=value, by="tests")
    for kind, items in account["items"].items():
        for each in items:
            CatalogueItem.objects.create(connection=made, kind=kind, key=each.key, label=each.label, data=dict(each.data))
    return made


def dispatch(connection: Connection, by: Person, *, references: dict[str, str] | None = None, **columns: Any) -> Dispatch:
    """A dispatch as a row, whatever its state; `references` are ids under which it can be found."""
    number = next(numbers)
    now = timezone.now()
    columns = {
        "ref": f"r{number:09}",
        "submission": f"r{number:09}",
        "key": f"key-{number}",
        "provider": connection.provider,
        "action": connection.vendor.actions[0].key,
        "target": "Route Interaction NR",
        "sentence": "Route a case to an agent.",
        "state": "accepted",
        "created_at": now,
        "due_at": now,
        "give_up_at": now + timedelta(days=1),
        **columns,
    }
    made = Dispatch(connection=connection, created_by=by, created_by_name=by.username, **columns)
    made.seal_command(Command(action=made.action, key=made.key, values={}))
    made.save()
    for kind, value in (references or {}).items():
        Reference.objects.create(dispatch=made, kind=kind, value=value, folded=value.lower())
    return made
