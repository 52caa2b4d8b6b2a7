"""People from a terminal: above all the first admin of a new desk."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from dashboard.forms.people import NewPersonForm
from dashboard.management.terminal import TERMINAL, DeskCommand, Verbs, invalid
from dashboard.models import Person
from dashboard.roles import Role
from dashboard.services import people


class Command(DeskCommand):
    help = "Add people, change their roles, disable and enable them, make one-time password links."

    def add_arguments(self, parser: ArgumentParser) -> None:
        does = parser.add_subparsers(dest="does", required=True, parser_class=Verbs)
        adding = self._one(does, "add", "add somebody; prints a one-time password link")
        adding.add_argument("--name", default="")
        adding.add_argument("--time-zone", default="UTC")
        adding.add_argument("--password-stdin", action="store_true", help="read a first password from standard input; no link is made")
        changing = self._one(does, "roles", "set the roles that somebody holds")
        for parser_ in (adding, changing):
            parser_.add_argument("--role", action="append", choices=list(Role.values), default=[], dest="roles")
        linking = self._one(does, "link", "make a one-time password link")
        for parser_ in (adding, linking):
            parser_.add_argument("--address", default=own_address(), help="where the desk is reached, for links")
        self._one(does, "disable", "keep somebody out")
        self._one(does, "enable", "let somebody in again")
        does.add_parser("list", help="user name, roles and state of everybody")

    def _one(self, does: Any, name: str, words: str) -> ArgumentParser:
        parser: ArgumentParser = does.add_parser(name, help=words)
        parser.add_argument("username")
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['does']}")(options)
        except people.NotAllowed as refusal:
            raise CommandError(refusal.message) from refusal

    def do_add(self, options: dict[str, Any]) -> None:
        form = NewPersonForm(options)
        if not form.is_valid():
            raise invalid([f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()])
        data = form.cleaned_data
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else ""
        with transaction.atomic():
            person = people.add(
                username=data["username"], name=data["name"], roles=form.chosen_roles(), time_zone=data["time_zone"], by=TERMINAL
            )
            if options["password_stdin"]:
                self._give_password(person, password)
        self.stdout.write(f"Added {person.username}.")
        if not options["password_stdin"]:
            self._print_link(person, options)

    def do_roles(self, options: dict[str, Any]) -> None:
        changes = {f"is_{role}": role in options["roles"] for role in Role}
        people.change(person=find(options["username"]), changes=changes, by=TERMINAL)

    def do_link(self, options: dict[str, Any]) -> None:
        self._print_link(find(options["username"]), options)

    def do_disable(self, options: dict[str, Any]) -> None:
        count = people.disable(person=find(options["username"]), by=TERMINAL)
        self.stdout.write(f"Disabled {options['username']}; {count} dispatches suspended.")

    def do_enable(self, options: dict[str, Any]) -> None:
        people.enable(person=find(options["username"]), by=TERMINAL)

    def do_list(self, options: dict[str, Any]) -> None:
        for person in Person.objects.order_by("username"):
            state = "active" if person.is_active else "disabled"
            self.stdout.write("\t".join((person.username, ", ".join(person.roles), state, person.name)))

    def _print_link(self, person: Person, options: dict[str, Any]) -> None:
        path = people.make_link(person=person, by=TERMINAL)
        self.stdout.write(f"Password link, to be used once within {settings.PASSWORD_RESET_TIMEOUT // 3600} hours:")
        self.stdout.write(options["address"].rstrip("/") + path)

    def _give_password(self, person: Person, password: str) -> None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise invalid(error.messages) from error
        people.set_password(person=person, password=password, by=TERMINAL, temporary=True)


def find(username: str) -> Person:
    """The person of that name; raises CommandError."""
    person = Person.objects.filter(username=username.lower()).first()
    if person is None:
        raise invalid([f"There is nobody with the user name {username}."])
    return person


def own_address() -> str:
    """Where the desk is reached, as far as the settings tell."""
    if settings.CSRF_TRUSTED_ORIGINS:
        return str(settings.CSRF_TRUSTED_ORIGINS[0])
    return f"{'https' if settings.HTTPS else 'http'}://{settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else 'localhost'}"
