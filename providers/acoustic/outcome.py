"""What Acoustic Campaign's answers to a send job mean. Pure, and total: any answer gives an outcome.

The sentences are the vendor's own, from the response codes of "Send SMS to contact source REST API", typing
errors included. Where two of its rows share one answer, one outcome names both causes. How a refusal is wrapped is not
documented, so every text inside generalErrors and fieldErrors is held against the sentences, whatever its shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from providers.answers import NotJson, json_of, retry_after, said
from providers.meanings import Meaning, identity, readable, texts, usual
from providers.types import Answer, Json, Outcome, Reading, Signal, Verdict, WireRequest

ACCEPTED = Meaning(
    Verdict.ACCEPTED,
    "accepted",
    _("Acoustic accepted the send job. Whom it reached is told by Acoustic's own events and reports."),
)
ACCEPTED_UNNAMED = Meaning(
    Verdict.ACCEPTED,
    "accepted_unnamed",
    _("Acoustic accepted the send job, but its number could not be read from the answer."),
    _("Find it in Acoustic by its message name."),
)
NAME_TAKEN = Meaning(
    Verdict.REJECTED,
    "name_taken",
    _("Another send in this organisation has this message name already."),
    _("Choose another message name."),
    proves_earlier=True,
)
NAME_TAKEN_OTHERWISE = Meaning(
    Verdict.REJECTED,
    "name_taken",
    _("Acoustic says that a message name is taken, but names another than the one that was sent."),
    _("Choose another message name."),
)
NAME = re.compile(r"A SMS with the name: (.*) already exists", re.DOTALL)

REFUSALS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (
        re.compile(r"Contact source .*is not enabled for SMS", re.DOTALL),
        Meaning(
            Verdict.REJECTED,
            "source_not_enabled",
            _("The contact source, or the database that it belongs to, is not enabled for SMS."),
            _("Enable SMS on its database in Acoustic, or choose another contact source."),
        ),
    ),
    (
        re.compile(r"Contact source ID .*does not exist", re.DOTALL),
        Meaning(
            Verdict.REJECTED,
            "source_unknown",
            _("Acoustic has no contact source with this ID."),
            _("Check the ID against the database, query or contact list in Acoustic."),
        ),
    ),
    (
        re.compile(r"Contact source access denied"),
        Meaning(
            Verdict.REJECTED,
            "source_denied",
            _("The contact source belongs to another organisation."),
            _("Choose a contact source of the organisation that this connection belongs to."),
        ),
    ),
    (
        re.compile(r"Unable to find published DeliveryDraft with contentId", re.DOTALL),
        Meaning(
            Verdict.REJECTED,
            "message_unknown",
            _("Acoustic has no published message with this content ID: it never had one, or the message was deleted."),
            _("Fetch the published messages again and archive this one."),
        ),
    ),
    (
        re.compile(r"Invalid message name"),
        Meaning(
            Verdict.REJECTED,
            "name_invalid",
            _("Acoustic refused the message name; it must not consist of spaces alone."),
            _("Give the send a name."),
        ),
    ),
    (
        re.compile(r"Length of External System Name cannot exceed 2000 characters"),
        Meaning(
            Verdict.REJECTED,
            "system_name_too_long",
            _("The external system's name is longer than 2,000 characters."),
            _("Shorten it."),
        ),
    ),
    (
        re.compile(r"Length of External System (RefrenceId|ReferenceId) cannot exceed 2000 characters"),
        Meaning(
            Verdict.REJECTED,
            "system_reference_too_long",
            _("The external reference is longer than 2,000 characters."),
            _("Shorten it."),
        ),
    ),
)
TOO_MANY = Meaning(
    Verdict.NOT_SENT,
    "throttled",
    _("The organisation has as many requests under way as Acoustic allows, ten by default, in all of its systems together."),
    _("It is sent again by itself, more slowly."),
    Signal.THROTTLED,
)
CONCURRENT = re.compile("max number of concurrent", re.IGNORECASE)
"""Seen on the vendor's XML API; what its REST API says to the eleventh request is not documented."""

MOST_SENTENCES = 100

STATUSES: dict[int, Meaning] = {
    400: Meaning(
        Verdict.REJECTED,
        "failure",
        _("Acoustic refused the send job for a reason that its documentation does not list."),
        _("Read its words and correct the dispatch."),
    ),
    401: Meaning(
        Verdict.NOT_SENT,
        "token_refused",
        _("Acoustic refused the access token, so it did not look at the send job."),
        _("It is sent by itself when the token has been renewed. If that fails, an admin has to give the connection new credentials."),
        Signal.TOKEN_REFUSED,
    ),
    403: Meaning(
        Verdict.REJECTED,
        "forbidden",
        _("The published message belongs to another organisation, or the user of this connection is not enabled for SMS."),
        _("Check that the message is one of this organisation's. If every message is refused, test the connection."),
    ),
    404: Meaning(
        Verdict.REJECTED,
        "no_message_id",
        _("Acoustic found no published message's ID in the address, or no such address at all."),
        _("Choose a published message with a content ID, and check the connection's address."),
    ),
    422: Meaning(
        Verdict.REJECTED,
        "unprocessable",
        _("Acoustic understood the send job and refused a value in it."),
        _("Read its words and correct the dispatch."),
    ),
}


def parse(answer: Answer, sent: WireRequest) -> Reading:
    """What an answer to a send job proves about it."""
    if answer.status == 201:
        outcome, signal = _accepted(answer), Signal.NONE
    else:
        sentences = _sentences(answer)
        meaning = _meaning(answer.status, sentences, "".join(sent.keys))
        outcome, signal = meaning.outcome("acoustic", "; ".join(sentences)), meaning.signal
    return Reading(dict.fromkeys(sent.keys, outcome), signal, retry_after(answer))


def _accepted(answer: Answer) -> Outcome:
    """201 is acceptance whatever its body holds. `data.location` is never used: it names another host, without TLS."""
    value = _json(answer)
    data = value.get("data") if isinstance(value, Mapping) else None
    job = data.get("id") if isinstance(data, Mapping) else None
    number = job if isinstance(job, str) and re.fullmatch(r"[0-9A-Za-z-]{1,60}", job) else identity(job)
    if not number:
        return ACCEPTED_UNNAMED.outcome("acoustic")
    return ACCEPTED.outcome("acoustic", references=(("job_id", number),))


def _json(answer: Answer) -> Json:
    try:
        return json_of(answer)
    except NotJson:
        return None


def _sentences(answer: Answer) -> list[str]:
    """The vendor's sentences in an answer: of its errors, else of all its JSON, else its body as text."""
    value = _json(answer)
    meta = value.get("meta") if isinstance(value, Mapping) else None
    errors = [meta.get("generalErrors"), meta.get("fieldErrors")] if isinstance(meta, Mapping) else []
    found = ([readable(text) for text in source if text.strip()] for source in (texts(errors), texts(value), [said(answer)]))
    return next(filter(None, found), [])[:MOST_SENTENCES]


def _meaning(status: int, sentences: list[str], name: str) -> Meaning:
    """The vendor's sentence for a taken name before all others: the name in it may hold any words."""
    if status == 400 and (taken := next(filter(None, map(NAME.search, sentences)), None)):
        return NAME_TAKEN if taken[1].strip() == name.strip() else NAME_TAKEN_OTHERWISE
    if status != 200 and any(map(CONCURRENT.search, sentences)):
        return TOO_MANY
    if status == 400:
        found = (meaning for pattern, meaning in REFUSALS if any(map(pattern.search, sentences)))
        return next(found, STATUSES[400])
    return STATUSES.get(status) or usual(status)
