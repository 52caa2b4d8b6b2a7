"""JSON that can be read in one way only: whoever else reads the same bytes finds the same values in them."""

from __future__ import annotations

import json
from math import isfinite
from typing import NoReturn

from django.utils.translation import gettext as _

from providers.types import Json


class Ambiguous(ValueError):
    """The text is JSON by its looks, and two readers could take it for different things. Says why, in a sentence."""


def strict_json(text: str) -> Json:
    """The value of a JSON text. Raises json.JSONDecodeError for what is no JSON, and Ambiguous."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise Ambiguous(_("It is nested more deeply than any provider's request.")) from error


def _refuse_constant(word: str) -> NoReturn:
    raise Ambiguous(_("%(word)s is no number in JSON.") % {"word": word})


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Ambiguous(_("The number %(digits)s is too large.") % {"digits": digits[:20]})
    return number


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:
        raise Ambiguous(_("The number %(digits)s is too large.") % {"digits": f"{digits[:20]}…"}) from error


def _distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """An object; a name that stands twice could mean either value, so it means none."""
    found: dict[str, Json] = {}
    for name, value in pairs:
        if name in found:
            raise Ambiguous(_("“%(name)s” stands twice in one object.") % {"name": name[:100]})
        found[name] = value
    return found
