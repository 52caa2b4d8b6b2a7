"""`manage.py compose`: the composer from a terminal, with the same checks, the same records and the same worker."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from dashboard.choices import OPEN, Source, State
from dashboard.management.terminal import DeskCommand, dump, invalid, named, seconds, text_in
from dashboard.models import Connection, Dispatch, Person
from dashboard.roles import Permission
from dashboard.services.compose import Sheet, open_sheet, wire
from dashboard.services.confirming import repeats
from dashboard.services.curl import credential_header
from dashboard.services.dispatches import Refused, new_ref, submit
from dashboard.services.pasting import read_json
from dashboard.services.schema import schema
from dashboard.services.sentences import sentences
from dashboard.services.terminal import Entered, drafted, entered, outcome, told, wait_for
from providers.base import Action
from providers.errors import CannotExpress, NotConfigured
from providers.types import WireRequest

UNDER_WAY, IN_DOUBT, FAILED = 75, 2, 1


class Command(DeskCommand):
    help = (
        "Prints the exact request of a dispatch, and sends it with --send. "
        "Exit codes: 0 accepted (or only printed, or recorded without --wait), 1 rejected or not sent, 2 in doubt, "
        "64 invalid input, 75 still under way when the wait ended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", metavar="ACTION", help="Like vonage.route, or route alone.")
        parser.add_argument("--connection", required=True, metavar="NAME")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--fields", metavar="FILE", help="A JSON object with the form's fields; - reads standard input.")
        source.add_argument("--request", metavar="FILE", help="The provider's JSON body as it documents it; - reads standard input.")
        parser.add_argument("--target", default="", metavar="KEY", help="The catalogue item, where the body does not name it.")
        parser.add_argument("--send", action="store_true", help="Send it; without this it is only printed.")
        parser.add_argument(
            "--wait", nargs="?", type=seconds, const=longest_wait(), metavar="SECONDS", help="Wait for the outcome and print it as JSON."
        )
        parser.add_argument("--by", metavar="USERNAME", help="Who sends; may be left out when there is one supervisor.")
        parser.add_argument("--schema", action="store_true", help="Print the fields with their limits as JSON.")

    def handle(self, *args: Any, action: str, connection: str, **options: Any) -> None:
        row = named(connection)
        sender = supervisor(options["by"]) if options["send"] or options["by"] else None
        sheet = open_sheet(connection=row, action=action_of(row, action), ref=new_ref(), person=sender)
        if options["schema"]:
            self.stdout.write(dump(schema(sheet, sheet.resumed({sheet.action.target_field: options["target"]}))))
            return
        if options["wait"] is not None and not options["send"]:
            raise invalid(["--wait needs --send."])
        found = self.read(sheet, options["fields"], options["request"], options["target"])
        request = whole(row, found)
        if sender is None:
            self.stdout.write(printed(row, request))
        else:
            self.send(sheet, found, sender, options["wait"])

    def read(self, sheet: Sheet, fields: str | None, request: str | None, target: str) -> list[Entered]:
        """The forms that the file fills; raises CommandError with every error when one is not valid."""
        try:
            found = by_request(sheet, request, target) if request else by_fields(sheet, fields, target)
        except (CannotExpress, NotConfigured) as error:
            raise invalid([str(error)]) from error
        if any(one.prepared is None for one in found):
            raise invalid(list(complaints(found)))
        for text in (str(caution.text) for one in found for caution in one.form.cautions()):
            self.stderr.write(text)
        return found

    def send(self, sheet: Sheet, found: list[Entered], sender: Person, wait: float | None) -> None:
        """Record the dispatches; with a wait, end with the exit code of their outcome."""
        ready = [one.prepared for one in found if one.prepared]
        for reason in (reason for prepared in ready for reason in repeats(sheet, prepared)):
            self.stderr.write(reason.text)
        try:
            done = submit(
                connection=sheet.connection,
                requests=[prepared.request for prepared in ready],
                ref=sheet.ref,
                by=sender,
                source=Source.TERMINAL,
                give_up_after=settings.TERMINAL_GIVE_UP_AFTER,
            )
        except Refused as refusal:
            raise invalid([refusal.message]) from refusal
        self.tell(wait_for(done.dispatches, wait or 0), waited=wait is not None)

    def tell(self, rows: list[Dispatch], *, waited: bool) -> None:
        """Print the outcome; end with its exit code when it was waited for."""
        word = outcome(rows)
        self.stdout.write(dump({"outcome": word.value, "dispatches": [told(row) for row in rows]}))
        if waited and word is not State.ACCEPTED:
            sys.exit(UNDER_WAY if word in OPEN else IN_DOUBT if word is State.IN_DOUBT else FAILED)


def longest_wait() -> float:
    """The seconds after which a dispatch from a terminal has been sent or given up."""
    return settings.TERMINAL_GIVE_UP_AFTER + settings.CALL_DEADLINE


# --- who, what ------------------------------------------------------------------------------------


def action_of(connection: Connection, word: str) -> Action:
    """The composed action of that name, with or without its provider in front; raises CommandError when there is none."""
    provider, _dot, key = word.rpartition(".")
    composed = {action.key: action for action in connection.vendor.actions if action.composed}
    if provider not in ("", connection.provider):
        raise invalid([f"{connection.name} is a connection to {connection.provider}, not to {provider}."])
    if key not in composed:
        raise invalid([f"{connection.provider} has no action “{key}”. It has {', '.join(composed)}."])
    return composed[key]


def supervisor(username: str | None) -> Person:
    """The person who sends; without a name, the only one who may. Raises CommandError otherwise."""
    people = [person for person in Person.objects.filter(is_active=True) if person.may(Permission.COMPOSE)]
    if username is None and len(people) != 1:
        raise invalid(["Say who sends: --by USERNAME, somebody who may compose."])
    found = next((person for person in people if username in (None, person.username)), None)
    if found is None:
        raise invalid([f"“{username}” is nobody who may compose."])
    return found


# --- files ----------------------------------------------------------------------------------------


def by_fields(sheet: Sheet, file: str | None, target: str) -> list[Entered]:
    """The form that a file of form fields fills."""
    fields = read_json(text_in(file)) if file else {}
    if not isinstance(fields, dict):
        raise CannotExpress("--fields must hold one JSON object.")
    named_target = {sheet.action.target_field: target} if target and sheet.action.target_field else {}
    return [entered(sheet, named_target | fields)]


def by_request(sheet: Sheet, file: str, target: str) -> list[Entered]:
    """The forms that a provider's body fills."""
    account, vendor = sheet.context.account, sheet.connection.vendor
    return drafted(sheet, vendor.read(account, read_json(text_in(file)), target))


def complaints(found: list[Entered]) -> list[str]:
    """Every error of every form, numbered when there are several."""
    several = len(found) > 1
    return [f"Request {number}: {text}" if several else text for number, one in enumerate(found, start=1) for text in sentences(one.form)]


# --- printing -------------------------------------------------------------------------------------


def whole(connection: Connection, found: list[Entered]) -> WireRequest:
    """The one request that carries all of them; raises CommandError when it cannot."""
    try:
        return wire(connection=connection, commands=[one.prepared.request.command for one in found if one.prepared])
    except CannotExpress as error:
        raise invalid([str(error)]) from error


def printed(connection: Connection, request: WireRequest) -> str:
    """The exact request as it will leave, a placeholder in place of the credential."""
    head = [f"{request.method} {request.url}", *(f"{name}: {value}" for name, value in request.headers)]
    head.append(f"Authorization: {credential_header(connection.vendor)}")
    return "\n".join([*head, "", request.body.decode("utf-8", "replace")])
