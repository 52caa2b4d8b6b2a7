"""Makes rows for tests. Everything has a sensible default; give what the test is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from dashboard.models import CatalogueItem, Connection, Lane, Person
from dashboard.services import secrets
from providers.registry import provider
from providers.sandbox.server import Sandbox
from providers.sandbox.world import ready_made

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
    columns.setdefault("settings", SETTINGS[provider_key])
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
