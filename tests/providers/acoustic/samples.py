"""Accounts, catalogue, forms and answers of Acoustic Campaign that several tests use."""

from __future__ import annotations

import json

from providers.types import Account, Answer, Item, Json
from tests.providers.contract import REF

ACCOUNT = Account("acoustic", "acoustic-us", {"pod": "1"}, "US")
SECRETS = {"client_id": "ä client/id", "client_secret": "s3cret&=+ value", "refresh_token": "r-0f1e2d3c"}
MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
ARCHIVED = "0b2f6c9e-6a57-4f6c-9d1e-2f7b1c5a8d40"
ITEMS = {
    "message": [Item(MESSAGE, "Appointment reminder", {"contact_source": "4396816"}), Item(ARCHIVED, "Old offer", archived=True)],
    "source": [Item("4396820", "Loyal customers"), Item("4396899", "Last year's list", archived=True)],
}
NAME = f"Desk {REF}"
LEAST = {"message": MESSAGE}
FULL = {
    "message": MESSAGE,
    "contact_source": "4396816",
    "message_name": NAME,
    "scheduled_date": "2026-12-24T18:00:00.000+00:00",
    "pre_blocking_hours": "4",
    "folder": "Shared/Offers",
    "external_system_name": "Campaign",
    "external_system_reference_id": "Param_12345_test",
}
SAMPLES = {"send": {"least": LEAST, "full": FULL}}
JSON = (("Content-Type", "application/json"),)


def envelope(general: Json = (), fields: Json = None, data: Json = None) -> Json:
    """The vendor's envelope. Source: the page's “Response Body”."""
    meta = {"attributes": {}, "generalErrors": general, "fieldErrors": fields or {}, "links": [], "nextPageUrl": None}
    return {"meta": meta, "data": data}


ACCEPTED = envelope([], {}, {"location": "http://engage-qa1-api.adm01.com/rest/channels/sms/sendjobs/4396816", "id": 4396816})
"""The vendor's page: "Response Body", word for word."""


def answer(status: int, value: Json, *, headers: tuple[tuple[str, str], ...] = JSON) -> Answer:
    """An answer with that JSON, or with that text as it stands."""
    body = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return Answer(status, headers, body)
