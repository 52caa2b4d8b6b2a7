"""What the desk's commands share: exit codes, refusals, files given by name or on standard input, connections by name, JSON."""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.models import Connection

TERMINAL = "terminal"
"""Who acts, in the audit trail, where no person is named."""
INVALID = 64
"""The exit code for invalid input, whatever is invalid: an argument, a file, a field."""


class Verbs(CommandParser):
    """A parser of arguments whose refusals end with 64: its own 2 would mean “in doubt”."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments."""
        if self.called_from_command_line:
            self.exit(INVALID, f"{self.format_usage()}{message}\n")
        raise CommandError(message, returncode=INVALID)


class DeskCommand(BaseCommand):
    """A command that refuses its arguments like any other input."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """A parser that ends with 64; parsers of verbs are `Verbs`."""
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.error = Verbs.error.__get__(parser)  # type: ignore[method-assign]
        return parser


def invalid(texts: list[str]) -> CommandError:
    """Invalid input, one sentence a line."""
    return CommandError("\n".join(texts), returncode=INVALID)


def seconds(word: str) -> float:
    """How long to wait; raises ArgumentTypeError for what is no time."""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"“{word}” is not a time in seconds; give a number from 0, like 30 or 0.5.")
    return value


def text_in(file: str) -> str:
    """What a file, or standard input for -, holds as text in UTF-8. Raises CommandError when it cannot be read."""
    try:
        return _standard_input() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise invalid([f"{file} cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise invalid([f"{'Standard input' if file == '-' else file} is not text in UTF-8."]) from None


def _standard_input() -> str:
    """By its bytes, because the terminal's own encoding may be another."""
    stream = getattr(sys.stdin, "buffer", None)
    return stream.read().decode("utf-8-sig") if stream else sys.stdin.read()


def named(name: str) -> Connection:
    """The connection in use of that name; raises CommandError when there is none."""
    found = Connection.objects.filter(name__iexact=name, archived_at=None).first()
    if found is None:
        known = ", ".join(Connection.objects.filter(archived_at=None).values_list("name", flat=True)) or "none"
        raise invalid([f"There is no connection “{name}” in use. There are: {known}."])
    return found


def dump(value: Any) -> str:
    """JSON for people and scripts."""
    return json.dumps(value, ensure_ascii=False, indent=2)
