"""Reads a vendor's JSON body or a whole curl command that somebody pasted, and finds the connections it fits."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from dashboard.models import CatalogueItem, Connection
from providers.errors import CannotExpress, NotConfigured
from providers.strict import Ambiguous, strict_json
from providers.types import Draft, Json

DATA_OPTIONS = ("--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--data", "--json", "-d")
PROMPT = re.compile(r"^[$>] +", re.MULTILINE)
"""What a shell prints before a command and the lines that go on with it."""
CURLY = str.maketrans("“”„‟", '""""')


@dataclass(frozen=True, slots=True)
class Pasted:
    """A request as somebody wrote it down."""

    body: Json
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A connection that can take what was pasted, and the form data it would have there."""

    connection: Connection
    drafts: list[Draft]


def read_pasted(text: str) -> Pasted:
    """The body, and the address when there is one, of pasted JSON or curl. Raises CannotExpress in words."""
    text = PROMPT.sub("", text.strip())
    if not text.startswith("curl"):
        return Pasted(read_json(text))
    words = _words(text)
    body = next((value for value in _values(words) if value), "")
    if body.startswith("@"):
        raise CannotExpress(_("The command takes its body from the file %(file)s; paste the content of that file.") % {"file": body[1:]})
    if not body:
        raise CannotExpress(_("The command has no body: no --data, --data-raw or --json."))
    url = next((word for word in words if word.startswith(("https://", "http://"))), "")
    return Pasted(read_json(body), url)


def read_json(text: str) -> Json:
    """JSON as vendors' pages print it: their curly quotation marks are read as straight ones. Raises CannotExpress."""
    for spelled in (text, text.translate(CURLY)):
        try:
            return strict_json(spelled)
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
        except Ambiguous as error:
            raise CannotExpress(_("No vendor could be sure what this JSON means. %(why)s") % {"why": error}) from error
    raise CannotExpress(_("This is not JSON: it goes wrong in line %(line)s, column %(column)s.") % where)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(re.sub(r"\\\r?\n", " ", text))
    except ValueError as error:
        raise CannotExpress(_("A quotation mark of this command is never closed; paste all of it.")) from error


def _values(words: Sequence[str]) -> list[str]:
    """The values of curl's data options, in every way in which they are written."""
    found = []
    for position, word in enumerate(words):
        option = next((option for option in DATA_OPTIONS if word == option or word.startswith(f"{option}=")), "")
        if option:
            found.append(word.partition("=")[2] or " ".join(words[position + 1 : position + 2]))
        elif word.startswith("-d") and not word.startswith("--"):
            found.append(word[2:])
    return found


def fits(pasted: Pasted, connections: Sequence[Connection]) -> list[Fit]:
    """The connections that can take what was pasted: those at its address when there are such, otherwise all that can read it.

    Raises CannotExpress with every provider's reason when none can.
    """
    here = [connection for connection in connections if pasted.url and _host(pasted.url) in _hosts(connection)]
    found, refusals = [], {}
    for connection in here or connections:
        try:
            drafts = connection.vendor.read(connection.account(), pasted.body, _target(pasted.url, connection))
            found.append(Fit(connection, drafts))
        except CannotExpress as error:
            refusals[str(connection.vendor.short)] = str(error)
    if not found:
        said = "; ".join(f"{provider}: {text}" for provider, text in refusals.items())
        raise CannotExpress(_("No connection takes this. %(reasons)s") % {"reasons": said})
    return found


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _hosts(connection: Connection) -> set[str]:
    try:
        return {_host(url) for url in connection.vendor.endpoints(connection.account())}
    except NotConfigured:
        return set()


def _target(url: str, connection: Connection) -> str:
    """The catalogue item that the address names: the one whose key is a part of its path."""
    parts = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    kinds = {action.target_kind for action in connection.vendor.actions} - {""}
    items = CatalogueItem.objects.filter(connection=connection, kind__in=kinds, key__in=parts) if parts else CatalogueItem.objects.none()
    return next((key for key in items.values_list("key", flat=True)), "")
