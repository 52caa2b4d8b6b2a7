"""A Vonage account as the tests see it, and one form for everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.types import Account, Item
from tests.providers.contract import Fields

ACCOUNT = Account("vonage", "vcc-emea", {"region": "emea"}, country="GB")
SECRETS = {"client_id": "6f1b3c1e-0000-4000-8000-1c0ffee1c0de", "client_secret": "s3cr3t-of-forty-characters-0123456789abcd"}

ALL_ALLOWED = dict.fromkeys(("release", "hold", "transferToAgent", "transferToRoute"), True)
SMS_PROPERTIES: list[dict[str, Any]] = [
    {"key": "ToNum", "label": "To", "kind": "phone", "required": True},
    {"key": "FromNum", "label": "From", "kind": "text", "default": "0654321"},
    {"key": "Message", "kind": "lines", "required": True},
]
ITEMS: Mapping[str, Sequence[Item]] = {
    "route": (
        Item("APIRouting", "", {"description": "Longest-waiting agent"}),
        Item("CrmCallRouting"),
        Item("Route Interaction NR", "Cases"),
        Item("SendSMS", "Text a customer", {"properties": SMS_PROPERTIES}),
        Item(
            "Send SMS",
            "",
            {
                "properties": [
                    {"key": "CustomerMobile", "kind": "phone", "required": True},
                    {"key": "CustomerCountry", "kind": "country", "required": True},
                    {"key": "ContactName", "kind": "text"},
                    {"key": "Tone", "kind": "choice", "choices": "friendly, formal"},
                ]
            },
        ),
        Item("Spaced", "", {"properties": [{"key": "Customer Mobile", "kind": "text"}]}),
        Item("Old route", archived=True),
    ),
    "skill": (Item("Billing"), Item("German")),
    "agent": (Item("AgentUsername", "A. Gent"),),
    "registered_provider": (
        Item("ProviderName", "", {"endpoint": "https://crm.example.com/vcc", "headers": [{"name": "Authorization"}], **ALL_ALLOWED}),
        Item("CrmIntegration", "", dict.fromkeys(ALL_ALLOWED, False)),
        Item("OldCrm", "", ALL_ALLOWED, archived=True),
    ),
}

FULL_ROUTE: Fields = {
    "provider": "ProviderName",
    "externalid": "40a4b50f",
    "route": "APIRouting",
    "clid": "Cases 40a4b50f",
    "url_label": "40a4b50f",
    "url": "https://vonage.com",
    "name": "Case Friendly Name",
    "mediatype": "Case-External",
    "extra": [{"key": "Priority", "value": "high"}, {"key": "Callback", "value": "+44 7700 900658"}],
    "interactiontype": "nonlive",
    "agent": "AgentUsername",
    "loggedintimeout": 20,
    "loggedouttimeout": 30,
    "skills": [
        {"name": "skillOptional", "mode": "optional"},
        {"name": "skillExpiring", "mode": "expires", "seconds": 60},
        {"name": "skillMandatory", "mode": "mandatory"},
    ],
}
SAMPLES: Mapping[str, Mapping[str, Fields]] = {
    "route": {"least": {"route": "APIRouting"}, "full": FULL_ROUTE},
    "sms": {
        "least": {"route": "SendSMS", "property": {"ToNum": "07700936658", "Message": "Hello!"}},
        "full": {
            "route": "Send SMS",
            "externalid": "ticket-7",
            "property": {"CustomerMobile": "+44 7700 900658", "CustomerCountry": "GBR", "ContactName": "Joe Bloggs", "Tone": "formal"},
            "extra": [{"key": "Closing", "value": "Yours\nVonage"}],
        },
    },
    "release": {"least": {"externalid": "ObjectId_001"}, "full": {"externalid": "ObjectId_001", "provider": "CrmIntegration"}},
    "register": {
        "least": {"key": "CrmIntegration"},
        "full": {
            "key": "CrmIntegration",
            "endpoint": "https://crm.example.com/vcc?tenant=7",
            "headers": [{"name": "Authorization", "value": "Bearer 3f2a-not-for-eyes"}, {"name": "X-Tenant", "value": 'seven "7" \\'}],
            "release": True,
            "hold": True,
            "transferToAgent": True,
        },
    },
}
