"""CCAI Platform in the emulator: outbound SMS and the list of chats as the vendor documents them.

What the vendor does not document is marked "Assumption:". Switches (settings of `ccai`):

`token`               the API credential that is valid now; changing it is regenerating it, the old one dies at once
`access`              whether that credential is let in (true); otherwise 403
`sms_enabled`         the tenant's SMS channel (true)
`outbound_enabled`    its outbound SMS (true)
`us_only`             whether non-US outbound numbers are refused (true)
`session_guard`       whether a customer with an active session is refused (true); a test that counts texts switches it off
`session_seconds`     how long a session stays active (86,400)
`rate`                requests a second (10); 0 for any number
`unauthorized_body`   what stands in a 401: `json` (as default) or `empty`
"""

from __future__ import annotations

import base64
import hmac
from collections import deque
from collections.abc import Mapping
from typing import Any

import phonenumbers

from providers.ccai.sandbox_chats import AGENTS, FIRST_CHAT, chat_answer
from providers.sandbox.types import Call, ReadyMade, Reply, Sample, json_reply
from providers.sandbox.world import World
from providers.types import Item, Json

VENDOR = "ccai"
CHAT_TYPES = frozenset({"Messaging (SMS)", "Messaging (API)", "SMS"})
NUMBERS = {"+16285550199": "Customer care", "+16285550142": "Appointments", "+442079460018": "London office"}
"""The tenant's SMS numbers."""


def _sample(customer: str, message: str, ticket: str) -> Sample:
    number = next(iter(NUMBERS))
    return Sample("text", {"end_user_number": customer, "outbound_number": number, "message": message, "ticket_id": ticket})


WORLD: ReadyMade = {
    "settings": {
        "subdomain": "customer",
        "domain": "uc1.ccaiplatform.com",
        "base_url": "{url}",
        "agent_keys": "camel",
        "chat_type": "Messaging (SMS)",
    },
    "country": "US",
    "secrets": {"token": "sandbox-ccai-token"},
    "items": {
        "number": [Item(number, label) for number, label in NUMBERS.items()],
        "agent": [Item("1", "John Doe"), Item("mei.tan@foo.com", "Mei Tan")],
    },
    "samples": [
        # The first two are to one customer: whichever comes second is refused, because a session is active.
        _sample("+1 415-555-0142", "Hello, this is Customer care. Your case is open; reply here to reach us.", "CASE-2201"),
        _sample("+1 415-555-0142", "One more question about your case: which model is it?", "CASE-2201"),
        _sample("+1 212-555-0187", "Your replacement has left our warehouse.", "CASE-2207"),
        _sample("+1 646-555-0121", "Thank you for waiting. An agent is looking into it now.", "CASE-2210"),
    ],
}


def handle(call: Call, world: World) -> Reply:
    """The vendor's answer to one call."""
    if not _in_pace(world):
        # Assumption: status, body and header; documented is only that 10 requests a second are the limit.
        return json_reply(429, {"message": "Too Many Requests"}, (("Retry-After", "1"),))
    if not _authenticated(call, world):
        return _unauthorized(world)
    if not world.setting(VENDOR, "access", True):
        return json_reply(403, {"message": "Forbidden"})  # Assumption: what a disabled credential gets.
    if call.path == "/apps/api/v1/sms" and call.method == "POST":
        return _sms(call, world)
    if call.path == "/manager/api/v1/chats" and call.method == "GET":
        return _chats(call, world)
    return json_reply(404, {"message": "Not Found"})  # Assumption: the body.


def _in_pace(world: World) -> bool:
    """Assumption: a sliding window over all requests of the customer, refused ones included."""
    most, now = int(world.setting(VENDOR, "rate", 10)), world.now()
    with world.lock:
        recent: deque[float] = world.state(VENDOR).setdefault("recent", deque())
        recent.append(now)
        while recent and recent[0] <= now - 1:
            recent.popleft()
        return not most or len(recent) <= most


def _authenticated(call: Call, world: World) -> bool:
    kind, _, given = call.header("Authorization").partition(" ")
    token = world.setting(VENDOR, "token", WORLD["secrets"]["token"])
    right = base64.b64encode(f"{WORLD['settings']['subdomain']}:{token}".encode())
    return kind.lower() == "basic" and hmac.compare_digest(given.encode(), right)


def _unauthorized(world: World) -> Reply:
    """Assumption: what a 401 holds."""
    if world.setting(VENDOR, "unauthorized_body", "json") == "empty":
        return Reply(401)
    return json_reply(401, {"message": "Unauthorized"})


# --- outbound SMS -------------------------------------------------------------------------------


def _sms(call: Call, world: World) -> Reply:
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return json_reply(400, {"message": "Bad Request"})  # Assumption: a body that is no JSON object.
    if refusal := _wrong_chat(body, world) or _wrong_numbers(body, world) or _wrong_rest(body):
        return json_reply(400, {"message": refusal})
    with world.lock:
        return _text(body, world)


def _wrong_chat(body: Mapping[str, Json], world: World) -> str:
    """Assumption: the order of all checks is that of the vendor's page."""
    if not body.get("chat_type"):
        return "chat_type needs to be provided"
    if not isinstance(body["chat_type"], str) or body["chat_type"] not in CHAT_TYPES:
        return "valid chat type needs to be provided"
    if not world.setting(VENDOR, "sms_enabled", True):
        return "SMS is not enabled"
    return "" if world.setting(VENDOR, "outbound_enabled", True) else "Outbound SMS is not enabled"


def _wrong_numbers(body: Mapping[str, Json], world: World) -> str:
    if not body.get("end_user_number"):
        return "end_user_number is required"
    if not _e164(body["end_user_number"]):
        return "end_user_number is invalid"
    number = body.get("outbound_number")
    if number and _is_abroad(number) and world.setting(VENDOR, "us_only", True):
        return "Non-US phone number not allowed"
    if not number:
        return "outbound_number is required"
    if not _e164(number):
        return "outbound_number is invalid"
    return "" if _e164(number) in NUMBERS else "outbound_number is not found"


def _wrong_rest(body: Mapping[str, Json]) -> str:
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        return "message is required"
    agents = [key for key in ("agentId", "agent_id", "agentEmail", "agent_email") if key in body]
    if len(agents) > 1 or (agents and _agent(body) is None):
        return "agent is not found"  # Assumption: sentence and status; both spellings of the keys are taken.
    return ""


def _parsed(number: Json) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None) if isinstance(number, str) else None
    except phonenumbers.NumberParseException:
        return None


def _e164(number: Json) -> str:
    """The number in E.164 as the vendor answers it; empty when it is none. Assumption: only its length is checked."""
    parsed = _parsed(number)
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_abroad(number: Json) -> bool:
    """Assumption: only the outbound number is looked at, and by its country code alone."""
    parsed = _parsed(number)
    return parsed is not None and parsed.country_code != 1


def _agent(body: Mapping[str, Json]) -> int | None:
    email = body.get("agentEmail", body.get("agent_email"))
    number = body.get("agentId", body.get("agent_id"))
    return next((key for key, (address, *_) in AGENTS.items() if key == number or address == email), None)


# --- chats --------------------------------------------------------------------------------------


def _text(body: Mapping[str, Json], world: World) -> Reply:
    """Text into a chat: the agent's existing one, or a new one when the customer has none."""
    customer, sender, agent = _e164(body["end_user_number"]), _e164(body["outbound_number"]), _agent(body)
    chats = _memory(world)
    chat = _active(customer, world) if world.setting(VENDOR, "session_guard", True) else None
    if chat and not (agent is not None and chat["agent"] == agent and chat["outbound_number"] == sender):
        return json_reply(400, {"message": "Outbound SMS failed. Consumer is already in an active SMS session."})
    chat = chat or _open(chats, customer, sender, agent, body, world)
    detail = {"message": body["message"], "ticket_id": body.get("ticket_id"), "chat": chat}
    world.ledger.effect(vendor=VENDOR, kind="sms", recipients=(customer,), detail=detail)
    return json_reply(200, chat_answer(chat, by_email="agentEmail" in body or "agent_email" in body))


def _memory(world: World) -> list[dict[str, Any]]:
    """All chats, those of earlier runs included: the ledger knows them."""
    state = world.state(VENDOR)
    if "chats" not in state:
        known = {effect.detail["chat"]["id"]: dict(effect.detail["chat"]) for effect in world.ledger.effects(VENDOR)}
        state["chats"] = list(known.values())
        state["sessions"] = {chat["customer"]: chat for chat in state["chats"]}
    chats: list[dict[str, Any]] = state["chats"]
    return chats


def _active(customer: str, world: World) -> dict[str, Any] | None:
    """The customer's active session. Assumption: it ends a day after it was opened."""
    chat: dict[str, Any] | None = world.state(VENDOR)["sessions"].get(customer)
    lasts = float(world.setting(VENDOR, "session_seconds", 86_400))
    return chat if chat and world.now() < chat["opened"] + lasts else None


def _open(
    chats: list[dict[str, Any]], customer: str, sender: str, agent: int | None, body: Mapping[str, Json], world: World
) -> dict[str, Any]:
    chat = {
        "id": FIRST_CHAT + len(chats),
        "customer": customer,
        "outbound_number": sender,
        "agent": agent,
        "chat_type": body["chat_type"],
        "opened": world.now(),
    }
    chats.append(chat)
    world.state(VENDOR)["sessions"][customer] = chat
    return chat


def _chats(call: Call, world: World) -> Reply:
    """The Manager API's list, newest last, without numbers, as far as it is documented."""
    with world.lock:
        chats = list(_memory(world))
    size, page = _whole(call.query.get("per", ""), 100), _whole(call.query.get("page", ""), 1)
    rows = []
    for chat in chats[(page - 1) * size : page * size]:
        whole = chat_answer(chat, by_email=False)
        rows.append({key: value for key, value in whole.items() if key != "outbound_number"})
    return json_reply(200, rows, (("total", str(len(chats))),))


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0 else default
