"""Accounts, catalogue, forms and answers of CCAI Platform that several tests use."""

from __future__ import annotations

import json
from dataclasses import replace

from providers.types import Account, Answer, Item, Json

ACCOUNT = Account(
    "ccai",
    "ccai-us",
    {"subdomain": "customer", "domain": "uc1.ccaiplatform.com", "agent_keys": "camel", "chat_type": "Messaging (SMS)"},
    "US",
)
SNAKE = replace(ACCOUNT, settings={**ACCOUNT.settings, "agent_keys": "snake"})
SECRETS = {"token": "tökén:with-colon"}
NUMBER = "+16285550199"
ITEMS = {
    "number": [Item(NUMBER, "Customer care"), Item("+16285550142", "Closed line", archived=True)],
    "agent": [Item("1", "John Doe"), Item("mei.tan@foo.com", "Mei Tan"), Item("7", "Somebody who left", archived=True)],
}
LEAST = {"end_user_number": "+14155550100", "outbound_number": NUMBER, "message": "lorem ipsum"}
FULL = {**LEAST, "ticket_id": "5006x00000XXxxxXXX", "agent": "1", "chat_type": "Messaging (SMS)"}
BY_EMAIL = {**LEAST, "message": "Line one\nLine two 👍🏽", "agent": "john.doe@foo.com", "chat_type": "Messaging (API)"}
SAMPLES = {"text": {"least": LEAST, "full": FULL, "by e-mail": BY_EMAIL}}
JSON = (("Content-Type", "application/json"),)

BODY = {
    "chat_type": "Messaging (SMS)",
    "end_user_number": "+1 415-555-0100",
    "outbound_number": "+1 628-555-0199",
    "message": "lorem ipsum",
    "ticket_id": "5006x00000XXxxxXXX",
}
"""The vendor's page: the body of "Outbound SMS", word for word."""


def participant(number: int, kind: str, user: int | None, end_user: int | None, connected: str) -> Json:
    """The vendor's page: one of the participants in the example answers."""
    return {
        "id": number,
        "type": kind,
        "status": "connected",
        "chat_id": 114,
        "user_id": user,
        "end_user_id": end_user,
        "chat_duration": None,
        "connected_at": connected,
        "ended_at": None,
        "fail_reason": "nothing",
    }


SELECTING = {
    "id": 114,
    "lang": "en",
    "chat_type": "Messaging (SMS)",
    "status": "selecting",
    "created_at": "2021-10-04T17:20:51.000Z",
    "queued_at": None,
    "assigned_at": None,
    "ends_at": None,
    "wait_duration": 0,
    "chat_duration": 0,
    "rating": None,
    "has_feedback": False,
    "out_ticket_id": None,
    "out_ticket_url": None,
    "verified": False,
    "disconnected_by": "disconnected_by_unknown",
    "fail_reason": None,
    "selected_menu": None,
    "menu_path": None,
    "agent_info": None,
    "end_user": {"id": 87, "identifier": None, "out_contact_id": None},
    "photos": [],
    "videos": [],
    "transfers": [],
    "participants": [participant(205, "end_user", None, 87, "2021-10-04T17:20:51.000Z")],
    "offer_type": None,
    "offer_events": [],
    "answer_type": "manual",
    "outbound_number": "+16285550199",
}
"""The vendor's page: "Response: Create an outbound SMS chat with ticket_id", word for word; that without ticket_id is the same."""
AGENT_INFO = {
    "id": 1,
    "agent_number": 9,
    "email": "john.doe@foo.com",
    "name": "John Doe",
    "first_name": "John",
    "last_name": "Doe",
    "avatar_url": "https://foobar.com/johndoe",
}
BY_EMAIL_ANSWER = {
    **SELECTING,
    "status": "assigned",
    "assigned_at": "2021-10-04T17:20:53.000Z",
    "participants": [*SELECTING["participants"], participant(206, "agent", 1, None, "2021-10-04T17:20:53.000Z")],  # type: ignore[misc]
}
"""The vendor's page: the answer to a body with agentEmail; its agent_info is null."""
BY_ID_ANSWER = {**BY_EMAIL_ANSWER, "agent_info": AGENT_INFO}
"""The vendor's page: the answer to a body with agentId."""


def answer(status: int, value: Json, *, headers: tuple[tuple[str, str], ...] = JSON, complete: bool = True) -> Answer:
    """An answer with that JSON, or with that text as it stands."""
    body = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return Answer(status, headers, body, complete)
