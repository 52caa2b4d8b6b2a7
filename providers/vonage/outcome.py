"""What the Interactions API's answers mean. Pure, and total: any answer gives an outcome for every request ID.

The vendor answers an invocation with 200 and a JSON array: empty when all was accepted, else the request IDs that failed,
without a reason (seed 001). Request IDs are compared as normalised strings. An ID that was not sent makes the whole array
untrustworthy. What the vendor says on 400, 401, 403, 413, 417, 429 and 500 is in its Responses (Interactions API); their
bodies are not documented, so the status alone counts.
"""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from providers.answers import NotJson, json_of, retry_after, said
from providers.meanings import UNREADABLE, Meaning, usual
from providers.types import Answer, Json, Outcome, Reading, Signal, Verdict, WireRequest
from providers.vonage.payload import REGISTER, normal

ACCEPTED = Meaning(
    Verdict.ACCEPTED,
    "accepted",
    _(
        "VCC listed nothing as failed: it took the interaction into its plan. "
        "What the plan then does, like texting or finding an agent, is not part of this answer."
    ),
)
RELEASED = Meaning(
    Verdict.ACCEPTED,
    "released",
    _("VCC listed nothing as failed and released the interaction: it is out of the queue, or has ended for the agent who had it."),
)
REGISTERED = Meaning(Verdict.ACCEPTED, "registered", _("VCC registered the provider with these settings, in place of any earlier ones."))
FAILED = Meaning(
    Verdict.REJECTED,
    "failed",
    _("VCC listed this request ID as failed. It gives no reason."),
    _("Compare the named route, skills, agent and registered provider with VCC, letter by letter, then send it again as a new dispatch."),
)
RELEASE_FAILED = Meaning(
    Verdict.REJECTED,
    "release_failed",
    _("VCC listed this release as failed. It gives no reason."),
    _("The interaction may have ended already, or needs the registered provider with which it was dispatched."),
)
FOREIGN = Meaning(
    Verdict.IN_DOUBT,
    "foreign_ids",
    _("VCC listed request IDs as failed that were not in this call, so its list cannot be trusted."),
    _("It is sent again by itself with the same request ID, which VCC processes once only."),
    Signal.FAULT,
)
SPOILT = Meaning(
    Verdict.NOT_SENT,
    "spoilt_call",
    _("VCC refused the call as a whole, because of one of the dispatches in it."),
    _("Each is sent again by itself in a smaller call, so that only the faulty one is refused."),
    Signal.TOO_LARGE,
)
STATUSES: dict[int, Meaning] = {
    400: Meaning(
        Verdict.REJECTED,
        "bad_request",
        _("VCC refused the request: a required field is missing, or the request is malformed."),
        _("Read its words and correct the dispatch."),
    ),
    401: Meaning(
        Verdict.NOT_SENT,
        "token_refused",
        _("VCC refused the access token as invalid, expired or missing, so it did not look at the request."),
        _("It is sent by itself when the token has been renewed. If that fails, an admin has to give the connection new credentials."),
        Signal.TOKEN_REFUSED,
    ),
    403: Meaning(
        Verdict.NOT_SENT,
        "access_refused",
        _("VCC knows these credentials, but they lack the right “interactions:write”. It did not look at the request."),
        _("An admin user of VCC can grant the right under API credentials; supervisors cannot. Then resume the connection."),
        Signal.ACCESS_REFUSED,
    ),
    429: Meaning(
        Verdict.NOT_SENT,
        "throttled",
        _("The account has reached VCC's fair-usage limit, which all VCC APIs share. VCC did not process the request."),
        _("It is sent again by itself, more slowly."),
        Signal.THROTTLED,
    ),
    404: Meaning(
        Verdict.IN_DOUBT,
        "not_found",
        _("There is no such page at the API address. VCC does not document this answer, so it proves nothing."),
        _("An admin has to check the connection's region or API address."),
        Signal.FAULT,
    ),
    500: Meaning(
        Verdict.IN_DOUBT,
        "server_error",
        _("VCC had an unexpected error. Whether the request was carried out is unknown."),
        _("It is sent again by itself with the same request ID, which VCC processes once only. If this lasts, contact Vonage support."),
        Signal.FAULT,
    ),
}


def parse(answer: Answer, sent: WireRequest) -> Reading:
    """What an answer proves about each request ID of the call."""
    registers = sent.url.lower().endswith(REGISTER)
    if 200 <= answer.status < 300 and (registers or answer.status == 200):
        return _alike(REGISTERED, answer, sent) if registers else _invoked(answer, sent)
    return _alike(_meaning(answer.status, alone=len(sent.keys) == 1), answer, sent)


def _meaning(status: int, *, alone: bool) -> Meaning:
    if status == 400 and not alone:
        return SPOILT
    return STATUSES.get(status) or usual(status)


def _alike(meaning: Meaning, answer: Answer, sent: WireRequest) -> Reading:
    """The same outcome for the whole call."""
    outcome = meaning.outcome("vonage", said(answer))
    return Reading(dict.fromkeys(sent.keys, outcome), meaning.signal, retry_after(answer))


def _invoked(answer: Answer, sent: WireRequest) -> Reading:
    """200: the array of failed request IDs decides."""
    failed = _failed(answer)
    if failed is None:
        return _alike(UNREADABLE, answer, sent)
    if failed - {normal(key) for key in sent.keys}:
        return _alike(FOREIGN, answer, sent)
    releases, words = _releases(sent), said(answer)
    return Reading({key: _one(normal(key) in failed, key in releases, words) for key in sent.keys})


def _one(failed: bool, release: bool, words: str) -> Outcome:
    if failed:
        return (RELEASE_FAILED if release else FAILED).outcome("vonage", words)
    return (RELEASED if release else ACCEPTED).outcome("vonage", words)


def _failed(answer: Answer) -> set[str] | None:
    """The failed request IDs, normalised; None when the body is not an array of ids."""
    try:
        listed = json_of(answer)
        return {normal(_id(entry)) for entry in listed} if isinstance(listed, list) else None
    except (NotJson, TypeError, ValueError):
        return None


def _id(entry: Json) -> str:
    """An entry of the array: text, or a number for an ID that has only digits."""
    if isinstance(entry, bool) or not isinstance(entry, (str, int)):
        raise TypeError("an entry that is no ID")
    return str(entry)


def _releases(sent: WireRequest) -> set[str]:
    """Those keys of the call that release something, read from the bytes that left."""
    try:
        return {item["requestid"] for item in json.loads(sent.body)["requests"] if item["action"] == "release"}
    except (ValueError, KeyError, TypeError):
        return set()
