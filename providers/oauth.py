"""What the vendors' answers to a request for a token have in common, by RFC 6749: the token, its life, the word of a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from providers.errors import BadAnswer
from providers.types import Json

SHORTEST_LIFE, LONGEST_LIFE = 60.0, 14_400.0
"""Seconds between which the life of a token is held, whatever its answer says."""
TOKEN = re.compile(r"[!-~]{1,8000}")
"""What may stand in an Authorization header. RFC 6750 allows fewer characters, but tokens are the provider's affair."""


def bearer_token(said: Mapping[str, Json], status: int, vendor: str) -> str:
    """The token of an answer, fit for a header. Raises BadAnswer, naming the vendor."""
    value, kind = said.get("access_token"), said.get("token_type", "bearer")
    if not isinstance(value, str) or not TOKEN.fullmatch(value):
        raise BadAnswer(_("%(vendor)s answered the request for a token without a token.") % {"vendor": vendor}, status)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise BadAnswer(_("%(vendor)s answered with a token of an unknown kind.") % {"vendor": vendor}, status)
    return value


def life(said: Mapping[str, Json], usual: float) -> float:
    """The seconds that the token lives, between the bounds; the usual ones when the answer does not tell them as a number."""
    told = said.get("expires_in")
    if isinstance(told, str) and re.fullmatch("-?[0-9]{1,9}", told):
        told = int(told)
    seconds = told if isinstance(told, (int, float)) and not isinstance(told, bool) else usual
    return float(min(max(seconds, SHORTEST_LIFE), LONGEST_LIFE))


def refusal_word(said: Mapping[str, Json]) -> str:
    """The `error` word of a refusal; empty when it is none. An answer's other words are not relied on."""
    word = said.get("error")
    return word if isinstance(word, str) and re.fullmatch("[a-z_]{1,40}", word) else ""
