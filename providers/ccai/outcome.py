"""What CCAI Platform's answers to an outbound SMS mean. Pure, and total: any answer gives an outcome.

The sentences are the vendor's own, from its SMS endpoint's example answers. There is no error code beside
them, so status and sentence together are what is compared. Acceptance means that a chat was created; no receipt of
delivery is documented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from providers.answers import object_of, retry_after, said
from providers.meanings import UNREADABLE, Meaning, identity, readable, usual
from providers.types import Answer, Json, Outcome, Reading, Signal, Verdict, WireRequest

SELECTING = Meaning(
    Verdict.ACCEPTED,
    "selecting",
    _("CCAI Platform created the chat and takes care of the text. No agent has it yet: the customer's reply will be routed."),
)
ASSIGNED = Meaning(
    Verdict.ACCEPTED,
    "assigned",
    _("CCAI Platform took the text into a chat that is assigned to an agent."),
)
ACCEPTED = Meaning(
    Verdict.ACCEPTED,
    "accepted",
    _("CCAI Platform took the text into a chat."),
)
BY_STATUS = {"selecting": SELECTING, "assigned": ASSIGNED}

REFUSALS: dict[str, Meaning] = {
    "chat_type needs to be provided": Meaning(
        Verdict.REJECTED,
        "chat_type_missing",
        _("The request named no chat type."),
        _("Choose a chat type; “Messaging (SMS)” is the usual one."),
    ),
    "valid chat type needs to be provided": Meaning(
        Verdict.REJECTED,
        "chat_type_invalid",
        _("CCAI Platform does not take this chat type for outbound texts."),
        _("Choose “Messaging (SMS)”, and set it as the connection's chat type."),
    ),
    "SMS is not enabled": Meaning(
        Verdict.REJECTED,
        "sms_not_enabled",
        _("The SMS channel is switched off for this CCAI Platform, so every text would be refused."),
        _("Have the SMS channel enabled in the portal, then let the connection go on."),
        Signal.TARGET_REFUSED,
    ),
    "Outbound SMS is not enabled": Meaning(
        Verdict.REJECTED,
        "outbound_not_enabled",
        _("Outbound SMS is switched off for this CCAI Platform, so every text would be refused."),
        _("Have outbound SMS enabled in the portal, then let the connection go on."),
        Signal.TARGET_REFUSED,
    ),
    "end_user_number is required": Meaning(
        Verdict.REJECTED,
        "end_user_number_missing",
        _("The request named no customer's number."),
        _("Enter the customer's number."),
    ),
    "end_user_number is invalid": Meaning(
        Verdict.REJECTED,
        "end_user_number_invalid",
        _("CCAI Platform does not take the customer's number for a telephone number."),
        _("Check the number and its country code."),
    ),
    "Non-US phone number not allowed": Meaning(
        Verdict.REJECTED,
        "non_us_number",
        _("This CCAI Platform texts from and to US numbers only, and one of the two numbers is not one."),
        _("Use US numbers, or ask the vendor to allow others for your tenant."),
    ),
    "outbound_number is required": Meaning(
        Verdict.REJECTED,
        "outbound_number_missing",
        _("The request named no outbound number."),
        _("Choose an outbound number."),
    ),
    "outbound_number is invalid": Meaning(
        Verdict.REJECTED,
        "outbound_number_invalid",
        _("CCAI Platform does not take the outbound number for a telephone number."),
        _("Correct the outbound number in the catalogue."),
    ),
    "outbound_number is not found": Meaning(
        Verdict.REJECTED,
        "outbound_number_unknown",
        _("The outbound number is not an SMS number of this CCAI Platform, so every text from it would be refused."),
        _("Compare the catalogue with the SMS numbers in the portal, then let the connection go on."),
        Signal.TARGET_REFUSED,
    ),
    "message is required": Meaning(
        Verdict.REJECTED,
        "message_missing",
        _("The text is empty."),
        _("Write a message."),
    ),
    "Outbound SMS failed. Consumer is already in an active SMS session.": Meaning(
        Verdict.REJECTED,
        "session_active",
        _("The customer has an active SMS session, so CCAI Platform did not start another one."),
        _("Wait until that session has ended, or name its agent, so that the text goes into the existing chat."),
    ),
}

STATUSES: dict[int, Meaning] = {
    400: Meaning(
        Verdict.REJECTED,
        "refused",
        _("CCAI Platform refused the text for a reason that its documentation does not list."),
        _("Read its words and correct the dispatch."),
    ),
    401: Meaning(
        Verdict.NOT_SENT,
        "credentials_refused",
        _("CCAI Platform refused the subdomain or the token, so it did not look at the text."),
        _("It is sent by itself when an admin has given the connection a token that works."),
        Signal.ACCESS_REFUSED,
    ),
    403: Meaning(
        Verdict.NOT_SENT,
        "access_refused",
        _("CCAI Platform knows the token, but does not let it send texts."),
        _("It is sent by itself when an admin has had the token's access restored in the portal."),
        Signal.ACCESS_REFUSED,
    ),
    404: Meaning(
        Verdict.REJECTED,
        "not_found",
        _("CCAI Platform found something in the request, or the address itself, not to exist."),
        _("Check the agent, and the connection's subdomain and domain."),
    ),
    422: Meaning(
        Verdict.REJECTED,
        "unprocessable",
        _("CCAI Platform understood the request and refused a value in it."),
        _("Read its words and correct the dispatch."),
    ),
}


def parse(answer: Answer, sent: WireRequest) -> Reading:
    """What an answer to an outbound SMS proves about it."""
    value = object_of(answer)
    if answer.status == 200:
        outcome, signal = _accepted(value)
    else:
        sentence = _sentence(value)
        meaning = _meaning(answer.status, sentence)
        outcome, signal = meaning.outcome("ccai", sentence or said(answer)), meaning.signal
    return Reading(dict.fromkeys(sent.keys, outcome), signal, retry_after(answer))


def _accepted(chat: Mapping[str, Json]) -> tuple[Outcome, Signal]:
    """200 is acceptance when the chat that it created has a whole number as id. Unknown keys are ignored."""
    if not identity(chat.get("id")):
        return UNREADABLE.outcome("ccai"), UNREADABLE.signal
    status = chat.get("status")
    meaning = BY_STATUS.get(status, ACCEPTED) if isinstance(status, str) else ACCEPTED
    return meaning.outcome("ccai", references=tuple(_references(chat))), Signal.NONE


def _references(chat: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    yield "chat_id", identity(chat.get("id"))
    for kind, name in (("chat_status", "status"), ("outbound_number", "outbound_number")):
        if isinstance(value := chat.get(name), str) and readable(value, 100):
            yield kind, readable(value, 100)
    if agent := _agent(chat):
        yield "agent", agent
    end_user = chat.get("end_user")
    if isinstance(end_user, Mapping) and (number := identity(end_user.get("id"))):
        yield "end_user_id", number


def _agent(chat: Mapping[str, Json]) -> str:
    """The agent's e-mail address, name or id. `agent_info` may be null although an agent was assigned: then the participant's id."""
    info = chat.get("agent_info")
    if isinstance(info, Mapping):
        named = (readable(value, 200) for value in (info.get("email"), info.get("name")) if isinstance(value, str))
        return next(filter(None, named), identity(info.get("id")))
    participants = chat.get("participants")
    rows = [row for row in participants if isinstance(row, Mapping)] if isinstance(participants, list) else []
    return next((identity(row.get("user_id")) for row in rows if row.get("type") == "agent"), "")


def _sentence(value: Mapping[str, Json]) -> str:
    message = value.get("message")
    return readable(message) if isinstance(message, str) else ""


def _meaning(status: int, sentence: str) -> Meaning:
    if status == 400:
        return REFUSALS.get(sentence, STATUSES[400])
    return STATUSES.get(status) or usual(status)
