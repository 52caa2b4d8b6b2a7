"""The data that a desk on one machine starts with: connections to the sandbox, three people and what one of them sends there.

Repeating it changes nothing.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from dashboard.choices import RECALLABLE, Environment, Source
from dashboard.models import Connection, Dispatch, Person
from dashboard.roles import Permission, Role
from dashboard.services import catalogue, connections, dispatches, people, secrets, terminal
from dashboard.services.compose import open_sheet
from providers.registry import provider
from providers.sandbox.types import ReadyMade, Sample
from providers.sandbox.world import ready_made

BY = "set-up"
LOOPBACK = "http://127.0.0.1:"
PEOPLE = (("sam", "Sam Supervisor", Role.SUPERVISOR), ("ada", "Ada Admin", Role.ADMIN), ("ana", "Ana Auditor", Role.AUDITOR))
UNDO_SECONDS = 5
"""So that whoever tries the desk meets the undo window, and does not wait for it."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How one of the sample people signs in. `password` is empty when it is no longer the one made here."""

    role: str
    username: str
    password: str


# --- connections ---------------------------------------------------------------------------------


@transaction.atomic
def connect(*, address: str, undo_seconds: int = UNDO_SECONDS) -> None:
    """Make a connection to each vendor of the sandbox at that address, or move it there; raises Refused while it has open dispatches.

    What people changed or archived since then stays as it is.
    """
    for key, account in ready_made(address).items():
        connection = Connection.objects.filter(name=f"{key}-sandbox").first()
        if connection is None:
            connection = _added(key, account, undo_seconds)
            _furnish(connection, account)
        elif connection.archived_at is None and (settings := _moved(connection, account)):
            _take_back(connection)
            connection = _changed(connection, settings)
        else:
            continue
        secrets.put_all(connection=connection, values=account["secrets"], by=BY)


def _added(key: str, account: ReadyMade, undo_seconds: int) -> Connection:
    limits = provider(key).limits
    return connections.add(
        name=f"{key}-sandbox",
        provider=key,
        environment=Environment.SANDBOX,
        settings=account["settings"],
        country=account["country"],
        undo_seconds=undo_seconds,
        in_flight=limits.in_flight,
        calls=limits.calls,
        per_seconds=limits.per_seconds,
        by=BY,
    )


def _furnish(connection: Connection, account: ReadyMade) -> None:
    for kind, items in account["items"].items():
        for item in items:
            catalogue.save(connection=connection, kind=kind, item=item, by=BY)


def _moved(connection: Connection, account: ReadyMade) -> dict[str, str]:
    """The settings with the sandbox's present address; empty when they have it. An address elsewhere is a person's choice."""
    old = {name: str(value) for name, value in connection.settings.items() if str(value).startswith(LOOPBACK)}
    new = {name: value for name, value in account["settings"].items() if name in old and value != old[name]}
    return {**connection.settings, **new} if new else {}


def _changed(connection: Connection, settings: dict[str, str]) -> Connection:
    return connections.change(
        connection=connection,
        name=connection.name,
        environment=connection.environment,
        settings=settings,
        country=connection.country,
        undo_seconds=connection.undo_seconds,
        in_flight=connection.lane.in_flight_limit,
        calls=connection.lane.calls,
        per_seconds=connection.lane.per_seconds,
        by=BY,
    )


# --- dispatches ----------------------------------------------------------------------------------


@transaction.atomic
def send(*, address: str) -> int:
    """Record the samples of every vendor of the sandbox at that address, for the worker to send; how many there were.

    None on a desk that has dispatches already, or where the sample supervisor may no longer send.
    """
    by = Person.objects.filter(username=PEOPLE[0][0]).first()
    if by is None or not by.may(Permission.COMPOSE) or Dispatch.objects.exists():
        return 0
    rows = Connection.objects.filter(archived_at=None, paused_at=None)
    through = {connection.name: connection for connection in rows}
    return sum(
        _send(through[f"{key}-sandbox"], sample, by)
        for key, account in ready_made(address).items()
        for sample in account.get("samples", ())
        if f"{key}-sandbox" in through
    )


def _send(connection: Connection, sample: Sample, by: Person) -> bool:
    """Record one; False when the catalogue no longer holds what it addresses."""
    ref, due = dispatches.new_ref(), _tomorrow() if sample.tomorrow else None
    sheet = open_sheet(connection=connection, action=connection.vendor.action(sample.action), ref=ref, person=by)
    prepared = terminal.entered(sheet, sample.fields).prepared
    if prepared is None:
        return False
    asked, later = [prepared.request], sample.tomorrow
    dispatches.submit(connection=connection, requests=asked, ref=ref, by=by, source=Source.SAMPLE, due_at=due, scheduled=later)
    return True


def _tomorrow() -> datetime:
    """Tomorrow morning."""
    return timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _take_back(connection: Connection) -> None:
    """Cancel the samples that have not left, because open dispatches keep a connection where it is."""
    rows = Dispatch.objects.filter(connection=connection, source=Source.SAMPLE, state__in=RECALLABLE, unanswered=False)
    for dispatch in rows.select_related("created_by"):
        dispatches.cancel(dispatch=dispatch, by=dispatch.created_by)


# --- people --------------------------------------------------------------------------------------


def sign_ins(*, file: Path) -> list[SignIn]:
    """One person per role, with passwords made at the first run and kept readable in that file, for its owner alone."""
    kept = dict(_kept(file))
    made = {username: _password() for username, _name, _role in PEOPLE if not Person.objects.filter(username=username).exists()}
    if made:
        _keep(file, kept | made)
    with transaction.atomic():
        for username, name, role in PEOPLE:
            if username in made:
                _add_person(username, name, role, made[username])
    return [_sign_in(username, role, (kept | made).get(username, "")) for username, _name, role in PEOPLE]


def _kept(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="ascii").splitlines() if file.exists() else []:
        username, _, password = line.partition(" ")
        yield username, password


def _keep(file: Path, passwords: dict[str, str]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as writer:
        writer.writelines(f"{username} {password}\n" for username, password in passwords.items())
    file.chmod(0o600)


def _password() -> str:
    return "-".join("".join(randomness.choice(LETTERS) for _ in range(5)) for _ in range(4))


def _add_person(username: str, name: str, role: Role, password: str) -> None:
    person = people.add(username=username, name=name, roles=[role], time_zone="UTC", by=BY)
    people.set_password(person=person, password=password, by=BY)


def _sign_in(username: str, role: Role, password: str) -> SignIn:
    person = Person.objects.get(username=username)
    return SignIn(role.value, username, password if password and person.check_password(password) else "")
