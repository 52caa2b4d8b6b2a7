"""The account that the emulated VCC knows, and what its interaction plans do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.sandbox.types import ReadyMade, Sample
from providers.types import Item, Json

CLIENT_ID = "5b1e7c52-2f0e-4c55-9d2a-0b6f3d1c9a10"
READER_ID = "c0a8b7d6-91f3-4f6e-8a57-33d1e0f2b411"
"""A second credential, made by a supervisor: without interactions:write. Its secret is the same."""
WORLD: ReadyMade = {
    "settings": {"region": "custom", "api_url": "{url}", "token_url": "{url}/Auth/connect/token"},
    "country": "GB",
    "secrets": {"client_id": CLIENT_ID, "client_secret": "sandbox-vcc-secret-of-forty-characters-x"},
    "items": {
        "route": [
            Item("Route Interaction NR", "", {"description": "Longest-waiting agent, ACD applet"}),
            Item("CrmCallRouting", "", {"description": "Cases of the CRM, by skill"}),
            Item("APIRouting", "", {"description": "Cases from other systems"}),
            Item(
                "SendSMS",
                "Text any words",
                {
                    "description": "Sends the words given in Message",
                    "properties": [
                        {"key": "ToNum", "label": "To", "kind": "phone", "required": True},
                        {"key": "FromNum", "label": "From", "kind": "text", "default": "0654321"},
                        {"key": "Message", "label": "Message", "kind": "lines", "required": True},
                    ],
                },
            ),
            Item(
                "Send SMS",
                "Text a customer by name",
                {
                    "description": "Sends “Message from” and the contact’s name",
                    "properties": [
                        {"key": "CustomerMobile", "label": "Mobile", "kind": "phone", "required": True},
                        {"key": "CustomerCountry", "label": "Country", "kind": "country", "required": True, "default": "GBR"},
                        {"key": "ContactName", "label": "Contact", "kind": "text", "required": True},
                    ],
                },
            ),
        ],
        "skill": [Item(name) for name in ("Billing", "German", "VIP", "skillMandatory", "skillExpiring", "skillOptional")],
        "agent": [Item("AgentUsername", "Alex Gent"), Item("b.okafor", "Bola Okafor")],
        "registered_provider": [
            Item(name, "", {"release": True, "hold": True, "transferToAgent": False, "transferToRoute": False})
            for name in ("CrmIntegration", "ProviderName")
        ],
    },
    "samples": [
        Sample(
            "route",
            {
                "route": "CrmCallRouting",
                "externalid": "case-1041",
                "interactiontype": "nonlive",
                "name": "Refund, order 58213",
                "clid": "Case 1041",
                "skills": [{"name": "Billing", "mode": "mandatory"}, {"name": "German", "mode": "expires", "seconds": 60}],
            },
        ),
        Sample(
            "route",
            {
                "route": "Route Interaction NR",
                "externalid": "case-1042",
                "interactiontype": "nonlive",
                "name": "Address change",
                "agent": "b.okafor",
                "loggedintimeout": 20,
                "loggedouttimeout": 30,
            },
        ),
        Sample(
            "route", {"route": "APIRouting", "externalid": "case-1043", "interactiontype": "live", "name": "Call back about a contract"}
        ),
        Sample(
            "sms",
            {
                "route": "Send SMS",
                "externalid": "appointment-77",
                "property": {"CustomerMobile": "07700 900146", "CustomerCountry": "GBR", "ContactName": "Mira Okafor"},
            },
        ),
        Sample(
            "sms",
            {
                "route": "SendSMS",
                "externalid": "appointment-78",
                "property": {"ToNum": "07700 900158", "FromNum": "0654321", "Message": "Your engineer arrives between 9 and 11."},
            },
        ),
    ],
}
ROUTES = frozenset(item.key for item in WORLD["items"]["route"]) | {"Send SMS NR"}
SKILLS = frozenset(item.key.casefold() for item in WORLD["items"]["skill"])
AGENTS = frozenset(item.key.casefold() for item in WORLD["items"]["agent"])
PROVIDERS = frozenset(item.key for item in WORLD["items"]["registered_provider"])
MOST_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class SmsPlan:
    """An interaction plan with a Send SMS applet: which properties it reads."""

    to: str
    sender: str = ""
    text: str = ""
    """The words, with properties in braces."""


PLANS: Mapping[str, SmsPlan] = {
    "SendSMS": SmsPlan(to="ToNum", sender="FromNum", text="{Message}"),
    "Send SMS": SmsPlan(to="CustomerMobile", text="Message from {ContactName}"),
    "Send SMS NR": SmsPlan(to="CustomerMobile", text="Message from {ContactName}"),
}


@dataclass(frozen=True, slots=True)
class Sms:
    """What a plan sends."""

    recipients: tuple[str, ...]
    words: str


def run(route: str, linked: Sequence[Mapping[str, Json]]) -> Sms | None:
    """The SMS that a route's plan sends with these properties; None when it sends none.

    Without a number to send to, or with a sender of more than 11 characters or 20 digits, the applet sends nothing and the
    caller is not told: the plan runs after the answer.
    """
    plan = PLANS.get(route)
    given = {item["key"]: str(item["value"]) for item in linked if item["type"] == "interactionproperty"}
    if plan is None or not given.get(plan.to):
        return None
    sender = given.get(plan.sender, "")
    if len(sender) > 11 and not re.fullmatch(r"\+?[0-9]{1,20}", sender):
        return None
    numbers = tuple(number.strip() for number in given[plan.to].split(",") if number.strip())[:MOST_RECIPIENTS]
    return Sms(numbers, re.sub(r"\{(\w+)\}", lambda found: given.get(found[1], ""), plan.text))
