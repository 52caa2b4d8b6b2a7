"""What reading any vendor's answer needs: its text, its JSON, how long it asks us to wait. Total: no answer raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from providers.strict import strict_json
from providers.types import Answer, Json

MOST_SAID = 2_000
"""Characters of a vendor's words that are kept."""
NOTHING_SAID = ("[]", "{}", '""', "null")
"""JSON without a word in it."""
LONGEST_WAIT = 900.0
"""Seconds: a vendor that asks for more is tried again after this."""


class NotJson(ValueError):
    """The body is not the JSON it should be."""


def said(answer: Answer) -> str:
    """The vendor's own words, as text that any database stores; empty where the JSON holds none."""
    text = answer.body[: MOST_SAID * 4].decode("utf-8", "replace").replace("\x00", "\ufffd").strip()
    return "" if text in NOTHING_SAID else text[:MOST_SAID]


def json_of(answer: Answer) -> Json:
    """The body as JSON: UTF-8, complete, and not declared as anything else; raises NotJson."""
    declared = answer.header("Content-Type").lower()
    if declared and "json" not in declared:
        raise NotJson("The answer does not say that it is JSON.")
    if not answer.complete:
        raise NotJson("The answer was cut short.")
    try:
        return strict_json(answer.body.decode("utf-8"))
    except ValueError as error:
        raise NotJson("The answer is not JSON.") from error


def object_of(answer: Answer) -> Mapping[str, Json]:
    """The body as a JSON object; empty when it is anything else."""
    try:
        value = json_of(answer)
    except NotJson:
        return {}
    return value if isinstance(value, Mapping) else {}


def retry_after(answer: Answer) -> float | None:
    """Seconds that the answer asks us to wait, 0–900; None when it does not ask, or not in a way that can be read.

    A date counts from the answer's own Date header: the vendor's clock against itself.
    """
    asked = answer.header("Retry-After").strip()
    if re.fullmatch("[0-9]{1,9}", asked):
        return min(float(asked), LONGEST_WAIT)
    until, now = _moment(asked), _moment(answer.header("Date"))
    if until is None or now is None:
        return None
    return min(max((until - now) / timedelta(seconds=1), 0.0), LONGEST_WAIT)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else None
