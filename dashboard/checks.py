"""System checks: what must hold before anything is sent."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError, InterfaceError, connections
from django.urls import URLResolver, get_resolver

DATABASE_AWAY = "desk.E003"
OFF = "off"
SQLITE_FULL = 2
SQLITE_EXTRA = 3


@register(Tags.database)
def durable_database(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """A committed mark must survive a power cut: a lost one could mean a second text message."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            found += _sqlite(alias) if connections[alias].vendor == "sqlite" else _postgresql(alias)
        except (DatabaseError, InterfaceError) as error:
            found.append(Error(f"The database cannot be asked how durable it is: {error}", id=DATABASE_AWAY))
    return found


def _sqlite(alias: str) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    with connections[alias].cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if synchronous not in (SQLITE_FULL, SQLITE_EXTRA) or journal != "wal":
        text = "SQLite must run with journal_mode=WAL and synchronous=FULL."
        hint = "Leave the init_command in config/settings.py as it is."
        found.append(Error(text, hint=hint, id="desk.E001"))
    if connections[alias].settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        found.append(Error("SQLite must begin transactions with IMMEDIATE.", id="desk.E002"))
    return found


def _postgresql(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        committed = cursor.fetchone()[0]
        cursor.execute("SHOW fsync")
        synced = cursor.fetchone()[0]
    if OFF in (committed, synced):
        text = "PostgreSQL must run with synchronous_commit=on and fsync=on."
        return [Error(text, hint="Set them in postgresql.conf, and take other values out of DATABASE_URL.", id="desk.E001")]
    return []


@register(Tags.database)
def keys_open_the_secrets(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Without the key that sealed the credentials nothing can be sent: better not to start than to pause every connection."""
    from dashboard.services import secrets  # models are not loaded yet when checks are registered

    try:
        shut = secrets.unreadable() if databases else []
    except DatabaseError:
        return []  # not migrated yet
    text = "No key in DESK_KEYS opens %s."
    hint = "Put the key that sealed it back, behind the present one; rotate_keys then seals everything under the first."
    return [Error(text % name, hint=hint, id="desk.E008") for name in shut]


@register()
def journal(**options: Any) -> list[CheckMessage]:
    """Answers that the database cannot take must have somewhere to go."""
    folder = Path(settings.JOURNAL)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        return [Error(f"The journal's directory {folder} cannot be made: {error.strerror}.", hint="Set JOURNAL.", id="desk.E004")]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [Error(f"The journal's directory {folder} cannot be written.", hint="Set JOURNAL to one that can.", id="desk.E004")]
    return []


@register(Tags.security, deploy=True)
def no_loopback(**options: Any) -> list[CheckMessage]:
    """The setting for the sandbox must be off where real accounts are used."""
    if settings.OUTBOUND_LOOPBACK:
        text = "OUTBOUND_LOOPBACK lets connections call http and this machine itself."
        return [Error(text, hint="Take it out of the environment; it is for the sandbox and the tests.", id="desk.E005")]
    return []


@register(Tags.security, deploy=True)
def named_instance(**options: Any) -> list[CheckMessage]:
    """Without a name, a copy of the database that is started elsewhere sends what is queued in it once more."""
    if settings.INSTANCE:
        return []
    hint = "Give this desk a name of its own, like production-emea, and every other desk another."
    return [Caution("INSTANCE is not set: a copy of this database would send wherever it is started.", hint=hint, id="desk.W010")]


@register(Tags.urls)
def every_view_declares_its_permission(**options: Any) -> list[CheckMessage]:
    """Default deny: the middleware would refuse such an address to everybody."""
    undeclared = [view for view in _views(get_resolver()) if getattr(view, "permission", None) is None]
    text = "The view %s declares no permission."
    hint = "Decorate it with dashboard.decorators.permission or public."
    return [Error(text % f"{view.__module__}.{view.__name__}", hint=hint, id="desk.E006") for view in undeclared]


def _views(resolver: URLResolver) -> Iterator[Callable[..., Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern)
        else:
            yield pattern.callback


@register(Tags.security, deploy=True)
def exact_hosts(**options: Any) -> list[CheckMessage]:
    """Links for passwords are made from the host that a browser names."""
    if any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        return [Error("ALLOWED_HOSTS must name each host exactly.", hint="Take out * and names that begin with a dot.", id="desk.E007")]
    return []


@register(Tags.security, deploy=True)
def narrow_outbound_hosts(**options: Any) -> list[CheckMessage]:
    """Credentials go to whatever host a connection names: a pattern for half the Internet protects nobody."""
    wide = [pattern for pattern in settings.OUTBOUND_HOSTS if not re.search(r"(^|\.)[a-z0-9-]+\.[a-z0-9-]+$", pattern)]
    text = "OUTBOUND_HOSTS allows “%s”, which is wider than one domain."
    return [Error(text % pattern, hint="Name the host, or a domain in small letters like *.ujet.co.", id="desk.E009") for pattern in wide]
