"""`manage.py connections`: the screens of the connections from a terminal, with the same checks and records."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from dashboard.choices import Environment, ErrandState
from dashboard.forms.connections import ADDRESS, ConnectionEntry, SecretsForm, StoppingForm
from dashboard.management.terminal import TERMINAL, DeskCommand, Verbs, dump, invalid, named, seconds, text_in
from dashboard.models import Connection, Errand
from dashboard.queries import connections as queries
from dashboard.services import connections, errands, secrets
from dashboard.services.refusals import Refused
from dashboard.services.sentences import sentences
from providers.base import Provider
from providers.registry import PROVIDERS
from providers.strict import Ambiguous, strict_json

WAITING = 75
OWN = ("environment", "country", "undo_seconds", "in_flight", "calls", "per_seconds")


class Command(DeskCommand):
    help = "Adds, lists, pauses, resumes and tests connections. Exit codes: 0 done, 1 failed, 64 invalid input, 75 no answer yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|list|pause|resume|test", parser_class=Verbs)
        add = verbs.add_parser("add", help="Add a connection.")
        add.add_argument("name")
        add.add_argument("--provider", required=True, choices=sorted(PROVIDERS))
        add.add_argument("--settings-file", required=True, metavar="FILE", help="A JSON object with the provider's address fields.")
        add.add_argument("--secrets-file", metavar="FILE", help="A JSON object with the secrets; - reads standard input.")
        add.add_argument("--environment", default=Environment.TEST.value, help=", ".join(Environment.values))
        for name in OWN[1:]:
            add.add_argument(f"--{name.replace('_', '-')}")
        verbs.add_parser("list", help="List connections.").add_argument("--json", action="store_true")
        pause = verbs.add_parser("pause", help="Pause a connection.")
        pause.add_argument("name")
        pause.add_argument("--reason", required=True)
        verbs.add_parser("resume", help="Resume a connection.").add_argument("name")
        test = verbs.add_parser("test", help="Let the worker test a connection.")
        test.add_argument("name")
        test.add_argument("--wait", type=seconds, default=0, metavar="SECONDS", help="How long to wait for the answer.")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "add": self.add,
            "list": self.list,
            "pause": self.pause,
            "resume": self.resume,
            "test": self.test,
        }
        verbs[verb](**{name: value for name, value in options.items() if name not in BASE_OPTIONS})

    def add(self, name: str, provider: str, settings_file: str, secrets_file: str | None, **own: str | None) -> None:
        """Add a connection with its secrets, or nothing."""
        vendor = PROVIDERS[provider]
        entry = ConnectionEntry(vendor, entered(vendor, name, own, read_object(settings_file)))
        if not entry.is_valid():
            raise invalid([*sentences(entry.address), *sentences(entry.own)])
        with transaction.atomic():
            try:
                made = connections.add(provider=provider, **entry.values(), by=TERMINAL)
            except Refused as refusal:
                raise invalid([refusal.message]) from refusal
            if secrets_file:
                store_secrets(made, secrets_file)
        self.stdout.write(f"{made.name} was added.")

    def list(self, json: bool) -> None:
        """Every connection in use with its health."""
        rows = [row_of(standing) for standing in queries.standings()]
        if json:
            self.stdout.write(dump(rows))
            return
        for row in rows:
            self.stdout.write("{name}\t{provider}\t{environment}\t{health}\t{waiting} waiting\t{in_flight} in flight".format(**row))

    def pause(self, name: str, reason: str) -> None:
        """Pause with a reason."""
        form = StoppingForm({"reason": reason})
        if not form.is_valid():
            raise invalid(sentences(form))
        connections.pause(connection=named(name), reason=form.cleaned_data["reason"], by=TERMINAL)
        self.stdout.write(f"{name} is paused.")

    def resume(self, name: str) -> None:
        """Let it send again."""
        changed = connections.resume(connection=named(name), by=TERMINAL)
        self.stdout.write(f"{name} sends again." if changed else f"{name} was not paused.")

    def test(self, name: str, wait: float) -> None:
        """Ask for a test; with --wait, print its answer."""
        errand = errands.ask(connection=named(name), what=errands.TEST, by=TERMINAL)
        until = time.monotonic() + wait
        while errand.state not in (ErrandState.DONE, ErrandState.FAILED) and time.monotonic() < until:
            time.sleep(0.1)
            errand.refresh_from_db()
        self.tell(errand, waited=wait > 0)

    def tell(self, errand: Errand, *, waited: bool) -> None:
        """Print what came of a test; raises CommandError when it failed or was not answered in time."""
        if errand.state == ErrandState.FAILED:
            raise CommandError(errand.said)
        if errand.state == ErrandState.DONE:
            self.stdout.write(errand.said)
        elif waited:
            raise CommandError("No answer yet. Is a worker running?", returncode=WAITING)
        else:
            self.stdout.write("Asked. The answer appears on the connection's page; --wait SECONDS prints it here.")


BASE_OPTIONS = frozenset({"verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks", "stdout", "stderr"})


def entered(vendor: Provider, name: str, own: Mapping[str, str | None], settings: Mapping[str, str]) -> dict[str, str]:
    """Arguments and settings file as the form's data; what was not given has the form's own default."""
    blank = ConnectionEntry(vendor)
    if unknown := sorted(set(settings) - set(blank.address.fields)):
        raise invalid([f"--settings-file: unknown {', '.join(unknown)}. Known are {', '.join(blank.address.fields)}."])
    defaults = {field: blank.own[field].value() for field in OWN}
    given = {field: value for field, value in own.items() if value is not None}
    address = {f"{ADDRESS}-{field}": value for field, value in settings.items()}
    return {field: str(value if value is not None else "") for field, value in (defaults | given).items()} | address | {"name": name}


@sensitive_variables()
def store_secrets(connection: Connection, path: str) -> None:
    """Store the secrets of a file, by the form's rules."""
    values = read_object(path)
    if unknown := sorted(set(values) - {field.name for field in connection.vendor.secrets}):
        known = ", ".join(field.name for field in connection.vendor.secrets)
        raise invalid([f"--secrets-file: unknown {', '.join(unknown)}. Known are {known}."])
    form = SecretsForm(values, provider=connection.vendor)
    if not form.is_valid():
        raise invalid(sentences(form))
    secrets.put_all(connection=connection, values=form.values(), by=TERMINAL)


@sensitive_variables()
def read_object(path: str) -> dict[str, str]:
    """The JSON object of texts in a file, or on standard input for -. Its content stands in no error."""
    try:
        value = strict_json(text_in(path))
    except Ambiguous:
        raise invalid([f"{path} holds a name twice, or a number that is none."]) from None
    except ValueError:
        raise invalid([f"{path} is not JSON."]) from None
    if not isinstance(value, dict):
        raise invalid([f"{path} must hold one JSON object."])
    if wrong := [name for name, inner in value.items() if not isinstance(inner, str)]:
        raise invalid([f"{path}: {', '.join(wrong)} must be text in quotes."])
    return value


def row_of(standing: queries.Standing) -> dict[str, Any]:
    """What a list shows of one connection."""
    return {
        "name": standing.connection.name,
        "provider": standing.connection.provider,
        "environment": standing.connection.environment,
        "health": str(standing.health.word),
        "reason": standing.health.text,
        "waiting": standing.load.waiting,
        "in_flight": standing.load.in_flight,
        "last_answer_ms": standing.lane.last_took_ms,
        "secrets_age_days": standing.secret_days,
    }
