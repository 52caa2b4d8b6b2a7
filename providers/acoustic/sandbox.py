"""Acoustic Campaign in the emulator: tokens, published messages and SMS send jobs as the vendor documents them.

What the vendor does not document is marked "Assumption:". Switches (settings of `acoustic`):

`client_secret`, `refresh_token`   what is valid now; changing one is rotating it, and ends the tokens it gave
`sms_enabled`                      whether the user behind the credentials is enabled for SMS (true)
`concurrency`                      requests at once (10); `concurrency_status` answers the one too many (429)
`errors_as`                        how a refusal is wrapped: `strings` (as default), `objects`, `fields` or `plain` text
`unauthorized_body`                what stands in a 401: `json` (as default) or `empty`
`page_size`                        published messages on a page (50)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from providers.acoustic.sandbox_tokens import SECRETS, VENDOR, give_token, is_authenticated
from providers.sandbox.types import Call, ReadyMade, Reply, Sample, json_reply, text_reply
from providers.sandbox.world import World
from providers.types import Item, Json

INTERNAL_HOST = "http://engage-qa1-api.adm01.com"
"""What the vendor's sample answers name as location: without TLS, and not the host that was called."""
FIRST_JOB = 4396816
SEND = re.compile(r"/rest/channels/sms/publishedmessages/(?P<id>[^/]*)/sendjobs/?")
LIST = re.compile(r"/rest/channels/(?P<channel>[^/]+)/publishedmessages/?")


@dataclass(frozen=True, slots=True)
class Source:
    """A contact source at the vendor."""

    name: str
    contacts: int
    enabled: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """A published message at the vendor."""

    name: str
    source: int
    ours: bool = True
    deleted: bool = False


SOURCES = {
    4396816: Source("All customers", 12_480),
    4396820: Source("Loyal customers", 1_250),
    4396830: Source("Test phones", 3),
    4396840: Source("Newsletter readers", 5_400, enabled=False),
    5000001: Source("Another organisation's customers", 900, ours=False),
}
MESSAGES = {
    "e3c3d1ea-e54b-458d-b32b-18a99f63b58c": Message("Appointment reminder", 4396816),
    "0b2f6c9e-6a57-4f6c-9d1e-2f7b1c5a8d40": Message("Autumn offer", 4396820),
    "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77": Message("Service notice", 4396830),
    "99999999-aaaa-4bbb-8ccc-dddddddddddd": Message("Another organisation's message", 5000001, ours=False),
    "11111111-2222-4333-8444-555555555555": Message("Withdrawn offer", 4396816, deleted=True),
}
WORLD: ReadyMade = {
    "settings": {"pod": "custom", "base_url": "{url}"},
    "country": "US",
    "secrets": SECRETS,
    "items": {
        "message": [
            Item(key, message.name, {"contact_source": str(message.source)})
            for key, message in MESSAGES.items()
            if message.ours and not message.deleted
        ],
        "source": [Item(str(number), source.name) for number, source in SOURCES.items() if source.ours],
    },
    "samples": [
        Sample("send", {"message": "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"}),
        Sample("send", {"message": "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77"}),
        Sample("send", {"message": "0b2f6c9e-6a57-4f6c-9d1e-2f7b1c5a8d40"}, tomorrow=True),
    ],
}


def handle(call: Call, world: World) -> Reply:
    """The vendor's answer to one call."""
    if world.in_flight(VENDOR) > world.setting(VENDOR, "concurrency", 10):
        # Assumption: status and wrapping; the text is that of the XML API, where clients recognise it.
        status = world.setting(VENDOR, "concurrency_status", 429)
        return _refusal(world, status, "Exceeded max number of concurrent API authenticated requests for the organization")
    if call.path == "/oauth/token" and call.method == "POST":
        return give_token(call, world)
    if not is_authenticated(call, world):
        return _unauthorized(world)
    if (match := SEND.fullmatch(call.path)) and call.method == "POST":
        return _send(unquote(match["id"]), call, world)
    if (match := LIST.fullmatch(call.path)) and call.method == "GET":
        return _list(match["channel"], call, world)
    return _refusal(world, 404, "Not Found")


def _unauthorized(world: World) -> Reply:
    """Assumption: what a 401 holds."""
    if world.setting(VENDOR, "unauthorized_body", "json") == "empty":
        return Reply(401)
    return _refusal(world, 401, "The access token is invalid or has expired")


# --- published messages -------------------------------------------------------------------------


def _list(channel: str, call: Call, world: World) -> Reply:
    if not world.setting(VENDOR, "sms_enabled", True):
        return _refusal(world, 403, "Forbidden")
    ours = [(key, message) for key, message in MESSAGES.items() if message.ours and not message.deleted and channel.lower() == "sms"]
    size = world.setting(VENDOR, "page_size", 50)
    page = int(call.query.get("page", "1")) if re.fullmatch("[0-9]{1,6}", call.query.get("page", "1")) else 1
    rows = [
        {"id": key, "name": message.name, "campaignName": None, "contactSourceId": str(message.source), "programIds": "1"}
        for key, message in ours[(page - 1) * size : page * size]
    ]
    follows = f"{INTERNAL_HOST}/rest/channels/{channel}/publishedmessages?page={page + 1}" if page * size < len(ours) else None
    return json_reply(200, _envelope(rows, next_page=follows))


# --- send jobs ----------------------------------------------------------------------------------


def _send(message_id: str, call: Call, world: World) -> Reply:
    """Assumption: the order of the checks; it is that of the vendor's table as far as one can come before another."""
    if not message_id:
        return _refusal(world, 404, "Not Found")
    try:
        job = call.json()
    except ValueError:
        job = None
    if not isinstance(job, dict):
        return _refusal(world, 400, "Failure")
    if not world.setting(VENDOR, "sms_enabled", True):
        return _refusal(world, 403, "Forbidden")
    message = MESSAGES.get(message_id)
    wrong = _wrong_source(job, message) or _wrong_message(message_id, message) or _wrong_fields(job, world)
    if wrong:
        return _refusal(world, *wrong)
    assert message is not None
    return _begin(message_id, job, job.get("contactSourceId") or message.source, world)


Wrong = tuple[int, str] | None


def _wrong_source(job: Mapping[str, Json], message: Message | None) -> Wrong:
    if "contactSourceId" not in job and message is None:
        return None
    number = job.get("contactSourceId", message.source if message else None)
    if isinstance(number, bool) or not isinstance(number, int):
        return 400, "Failure"  # Assumption: a Long that is none.
    source = SOURCES.get(number)
    if source is None:
        return 400, f"Contact source ID {number} does not exist."
    if not source.ours and "contactSourceId" in job:
        return 400, "Contact source access denied"
    return None if source.enabled else (400, f"Contact source {number}is not enabled for SMS.")


def _wrong_message(message_id: str, message: Message | None) -> Wrong:
    if message is None or message.deleted:
        return 400, f"Unable to find published DeliveryDraft with contentId {message_id}"
    return None if message.ours else (403, "Forbidden")


def _wrong_fields(job: Mapping[str, Json], world: World) -> Wrong:
    name = job.get("messageName")
    if not isinstance(name, str) or not name.strip():
        return 400, "Invalid message name"  # Assumption for a missing one.
    if name in _names(world):
        return 400, f"A SMS with the name: {name} already exists"
    for key, words in (("externalSystemName", "Name"), ("externalSystemReferenceId", "RefrenceId")):
        if not isinstance(value := job.get(key, ""), str):
            return 400, "Failure"  # Assumption: a String that is none.
        if len(value) > 2000:
            return 400, f"Length of External System {words} cannot exceed 2000 characters."
    return None if _is_time_right(job, world) else (400, "Failure")


def _is_time_right(job: Mapping[str, Json], world: World) -> bool:
    """Assumption: a date that is not RFC 3339 or has passed is refused, and so are negative or broken hours."""
    hours = job.get("preBlockingHours", 0)
    if isinstance(hours, bool) or not isinstance(hours, int) or hours < 0:
        return False
    if "scheduledDate" not in job:
        return True
    try:
        moment = datetime.fromisoformat(job["scheduledDate"])
    except (TypeError, ValueError):
        return False
    return moment.tzinfo is not None and moment >= datetime.fromtimestamp(world.now(), UTC)


def _names(world: World) -> set[str]:
    """The names in use. Assumption: compared to the letter, spaces at their ends included."""
    known: set[str] = world.state(VENDOR).setdefault("names", {effect.key for effect in world.ledger.effects(VENDOR)})
    return known


def _begin(message_id: str, job: Mapping[str, Json], number: int, world: World) -> Reply:
    """The job begins: its name is taken and everybody in the contact source is texted."""
    with world.lock:
        names = _names(world)
        if job["messageName"] in names:
            return _refusal(world, 400, f"A SMS with the name: {job['messageName']} already exists")
        detail = {"published_message": message_id, "contact_source": number, "contacts": SOURCES[number].contacts, "job": dict(job)}
        recipients = (f"contact source {number}",)
        effect = world.ledger.effect(vendor=VENDOR, kind="send_job", key=job["messageName"], recipients=recipients, detail=detail)
        names.add(job["messageName"])
    job_id = FIRST_JOB + effect.number
    return json_reply(201, _envelope({"location": f"{INTERNAL_HOST}/rest/channels/sms/sendjobs/{job_id}", "id": job_id}))


# --- answers ------------------------------------------------------------------------------------


def _envelope(
    data: Json, *, general: list[Json] | None = None, fields: Mapping[str, Json] | None = None, next_page: str | None = None
) -> Json:
    meta = {"attributes": {}, "generalErrors": general or [], "fieldErrors": fields or {}, "links": [], "nextPageUrl": next_page}
    return {"meta": meta, "data": data}


def _refusal(world: World, status: int, sentence: str) -> Reply:
    """Assumption: how a sentence is wrapped; no sample of a filled error list is public."""
    match world.setting(VENDOR, "errors_as", "strings"):
        case "objects":
            return json_reply(status, _envelope(None, general=[{"code": status, "message": sentence}]))
        case "fields":
            return json_reply(status, _envelope(None, fields={"request": [sentence]}))
        case "plain":
            return text_reply(status, sentence)
    return json_reply(status, _envelope(None, general=[sentence]))
