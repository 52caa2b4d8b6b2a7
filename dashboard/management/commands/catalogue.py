"""`manage.py catalogue`: import and export catalogue items, with the checks and records of the screens."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from dashboard.forms.catalogue import read_rows
from dashboard.management.terminal import TERMINAL, DeskCommand, Verbs, invalid, named, text_in
from dashboard.models import Connection, Person
from dashboard.roles import Permission
from dashboard.services import catalogue, saving
from dashboard.services.catalogue_files import rows_of, text_of
from dashboard.services.refusals import Refused

FORMATS = ("json", "csv")


class Command(DeskCommand):
    help = (
        "Imports and exports catalogue items as JSON or CSV. An import is done whole or not at all. Exit codes: 0 done, 64 invalid input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="import|export", parser_class=Verbs)
        reading = verbs.add_parser("import", help="Add and change items from a file.")
        reading.add_argument("file", metavar="FILE", help="The file; - reads standard input.")
        reading.add_argument("--by", dest="person", metavar="USERNAME", help="Who acts; needed for what is saved at the provider.")
        writing = verbs.add_parser("export", help="Write items to standard output.")
        for verb in (reading, writing):
            verb.add_argument("--connection", required=True, metavar="NAME")
            verb.add_argument("--kind", default="", help="The kind of rows that name none; for an export, the only kind.")
            verb.add_argument("--format", choices=FORMATS, help="By the file's name when left out, else json.")

    def handle(self, *args: Any, verb: str, connection: str, kind: str, **options: Any) -> None:
        row = named(connection)
        known = [one.key for one in row.vendor.catalogue]
        if kind and kind not in known:
            raise invalid([f"“{kind}” is not a kind of {row.provider}; kinds are {', '.join(known)}."])
        if verb == "import":
            self.read(row, kind, options["file"], options["format"], options["person"])
        else:
            self.stdout.write(text_of(catalogue.export_items(connection=row, kind=kind), options["format"] or "json"), ending="")

    def read(self, connection: Connection, kind: str, file: str, form: str | None, username: str | None) -> None:
        """Import a file, or say what is wrong with every row."""
        by = person_named(username) if username else TERMINAL
        try:
            rows, first = rows_of(text_in(file), form or ("csv" if file.lower().endswith(".csv") else "json"))
            items, errors = read_rows(connection, rows, kind=kind, first_row=first)
            if errors:
                raise invalid([f"Row {error.row}: {error.text}" for error in errors] + ["Nothing was imported."])
            made = saving.import_rows(connection=connection, rows=items, by=by, first_row=first)
        except Refused as refusal:
            raise invalid([refusal.message, "Nothing was imported."]) from refusal
        self.stdout.write(f"{len(made)} items were imported to {connection.name}.")


def person_named(username: str) -> Person:
    """The active person of that name who may edit the catalogue; raises CommandError otherwise."""
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None or not person.may(Permission.EDIT_CATALOGUE):
        raise invalid([f"“{username}” is nobody who may change the catalogue."])
    return person
