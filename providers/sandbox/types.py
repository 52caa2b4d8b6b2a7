"""What passes between the emulator's server and a vendor's part of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NotRequired, TypedDict
from urllib.parse import parse_qsl

from providers.types import Item, Json

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it arrived. `path` stands without the vendor's prefix and begins with a slash."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Headers
    """In the order and letter case in which they came."""
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, whatever its letter case; empty when absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def json(self) -> Json:
        """The body as JSON; raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def form(self) -> dict[str, str]:
        """The body as a URL-encoded form; raises ValueError."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. The server adds Content-Length."""

    status: int
    headers: Headers = ()
    body: bytes = b""


def json_reply(status: int, value: Json, headers: Headers = ()) -> Reply:
    """An answer whose body is that value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status, (("Content-Type", "application/json; charset=utf-8"), *headers), body)


def text_reply(status: int, text: str, headers: Headers = ()) -> Reply:
    """An answer whose body is plain text."""
    return Reply(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), text.encode())


def reason(status: int) -> str:
    """The reason phrase of a status; empty for one that HTTP does not define."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Something to be sent to the emulator once, so that a new desk shows how it works."""

    action: str
    fields: Mapping[str, Json]
    """Form data, nested where the form has rows."""
    tomorrow: bool = False


class ReadyMade(TypedDict):
    """The account that a vendor's part of the emulator knows from the start: the type of its `WORLD`.

    Sample data and tests make a connection of it without knowing the vendor.
    """

    settings: Mapping[str, str]
    """The connection's settings. `{url}` in a value stands for the vendor's address in the emulator, with its prefix."""
    country: str
    """The country of national numbers, ISO 3166 alpha-2, or empty."""
    secrets: Mapping[str, str]
    """By the names of the provider's secret fields."""
    items: Mapping[str, Sequence[Item]]
    """Catalogue items by kind, as the provider's item forms save them."""
    samples: NotRequired[Sequence[Sample]]
    """What sample data sends, in this order."""
