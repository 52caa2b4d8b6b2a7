"""A secret, once saved, stands nowhere: on no page, in no log, no audit event, no file of the database, no terminal output."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.models import AuditEvent, Connection, Person, Secret
from tests import factories

SENTINEL = "SENTINEL-4d2f7c91-be13-sentinel"


def disguises(secret: str) -> list[bytes]:
    """A secret as it could stand somewhere: plain, in hex, in base64 at any of its three offsets."""
    encoded = [base64.b64encode(b"x" * offset + secret.encode()) for offset in range(3)]
    cores = [encoded[0][:40], encoded[1][4:40], encoded[2][4:40]]
    return [secret.encode(), secret.encode().hex().encode(), *cores]


def holds_secret(content: bytes) -> bool:
    return any(disguise in content for disguise in disguises(SENTINEL))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_search_itself_finds_disguises(before: str) -> None:
    text = f"{before}{SENTINEL}&x"
    assert all(holds_secret(content) for content in (text.encode(), text.encode().hex().encode(), base64.b64encode(text.encode())))
    assert not holds_secret(b"SENTINEL-another")


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, at every level, formatted as it would be written."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(level)


def database_dump() -> bytes:
    """Every value of every table, and on SQLite the bytes of its files."""
    found = b""
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += repr(
                [[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in cursor.fetchall()]
            ).encode()
    if database.vendor == "sqlite":
        name = Path(str(settings.DATABASES["default"]["TEST"]["NAME"]))
        found += b"".join(path.read_bytes() for path in name.parent.glob(f"{name.name}*"))
    return found


def page_addresses(connection: Connection) -> list[str]:
    """Every address of the desk that can be formed from a connection's facts."""
    facts: dict[str, Any] = {"name": connection.name, "provider": connection.provider, "connection": connection.name}
    facts |= {"kind": connection.vendor.catalogue[0].key, "action": connection.vendor.actions[0].key}
    found = []
    for pattern in get_resolver().url_patterns:
        for leaf in pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]:
            wanted = set(leaf.pattern.converters)
            assert isinstance(leaf, URLPattern)
            if leaf.name and wanted <= set(facts):
                found.append(reverse(leaf.name, kwargs={name: facts[name] for name in wanted}))
    return found


@pytest.mark.django_db(transaction=True)
def test_a_secret_stands_nowhere(as_ada: Client, ada: Person, logged: StringIO) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    address = reverse("connection_secrets", args=["vcc-emea"])
    pages = [as_ada.post(address, {"client_id": SENTINEL, "client_secret": f"{SENTINEL}\n{SENTINEL}"})]
    assert pages[0].status_code == 422
    pages.append(as_ada.post(address, {"client_id": SENTINEL, "client_secret": SENTINEL}, follow=True))
    assert Secret.objects.count() == 2
    Person.objects.filter(pk=ada.pk).update(is_supervisor=True, is_auditor=True)
    as_ada.force_login(Person.objects.get(pk=ada.pk))
    addresses = page_addresses(connection)
    assert {address, reverse("connection", args=["vcc-emea"]), reverse("audit")} <= set(addresses)
    pages += [as_ada.get(one) for one in addresses]
    assert not [page.request["PATH_INFO"] for page in pages if holds_secret(page.content) or holds_secret(str(page.headers).encode())]
    assert not holds_secret(logged.getvalue().encode())
    assert AuditEvent.objects.filter(action="secret.set").count() == 2
    assert not holds_secret(json.dumps(list(AuditEvent.objects.values()), default=str).encode())
    assert not holds_secret(database_dump())


@pytest.mark.django_db(transaction=True)
def test_a_secret_given_to_the_terminal_stands_nowhere(tmp_path: Path, logged: StringIO) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(factories.SETTINGS["vonage"]))
    files = {"good.json": json.dumps({"client_id": SENTINEL, "client_secret": SENTINEL}), "broken.json": f'{{"client_id": "{SENTINEL}'}
    files |= {
        "odd.json": json.dumps({"client_id": SENTINEL, "client_sekret": SENTINEL}),
        "two.json": json.dumps({"client_id": f"{SENTINEL}\n-"}),
    }
    out, errors = StringIO(), []
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        arguments = ["add", f"vcc-{name[:3]}", "--provider=vonage", f"--settings-file={tmp_path / 'settings.json'}"]
        try:
            call_command("connections", *arguments, f"--secrets-file={tmp_path / name}", stdout=out)
        except CommandError as error:
            errors.append(str(error))
    assert len(errors) == 3
    assert list(Connection.objects.values_list("name", flat=True)) == ["vcc-goo"]
    assert not holds_secret("".join([out.getvalue(), logged.getvalue(), *errors]).encode())
    assert not holds_secret(database_dump())
