"""Fills a running desk with a day's work, through the terminal command that its users have."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.browser.running import RunningDesk


@dataclass(frozen=True, slots=True)
class Sample:
    """References of dispatches that the sample holds."""

    routed: str
    texted: str
    rejected: str
    doubtful: str


ROUTE = {
    "route": "Route Interaction NR",
    "provider": "CrmIntegration",
    "externalid": "40a4b50f",
    "interactiontype": "nonlive",
    "name": "Case Friendly Name",
    "clid": "Cases 40a4b50f",
    "mediatype": "Case-External",
    "url_label": "40a4b50f",
    "url": "https://crm.example.com/cases/40a4b50f",
    "skills": [
        {"name": "Billing", "mode": "mandatory"},
        {"name": "German", "mode": "expires", "seconds": 60},
        {"name": "VIP", "mode": "optional"},
    ],
    "agent": "AgentUsername",
    "loggedintimeout": 20,
    "loggedouttimeout": 30,
}
SMS = {
    "route": "Send SMS",
    "externalid": "case-7",
    "property": {"CustomerMobile": "07700 900123", "CustomerCountry": "GBR", "ContactName": "Joe Bloggs"},
}
TEXT = {
    "end_user_number": "+1 415-555-0100",
    "outbound_number": "+16285550199",
    "message": "Your case is open. Reply to reach us.",
    "ticket_id": "5006x00000XXxxxXXX",
}


def compose(desk: RunningDesk, action: str, connection: str, fields: dict[str, Any]) -> str:
    """Send one dispatch as the supervisor and wait for its outcome; its reference."""
    words = ("compose", action, "--connection", connection, "--fields", "-", "--by", "sam", "--send", "--wait")
    said = desk.manage(*words, stdin=json.dumps(fields), may_fail=True)
    return str(json.loads(said)["dispatches"][0]["ref"])


def fill(desk: RunningDesk) -> Sample:
    """Accepted, rejected and doubtful dispatches on all three providers."""
    routed = compose(desk, "route", "vonage-sandbox", ROUTE)
    compose(desk, "sms", "vonage-sandbox", SMS)
    compose(desk, "send", "acoustic-sandbox", {"message": "e3c3d1ea-e54b-458d-b32b-18a99f63b58c", "external_system_name": "Campaign"})
    texted = compose(desk, "text", "ccai-sandbox", TEXT)
    rejected = compose(desk, "text", "ccai-sandbox", TEXT)
    lose_next_answer(desk, "ccai", "/apps/api/v1/sms")
    doubtful = compose(desk, "text", "ccai-sandbox", {**TEXT, "end_user_number": "+1 415-555-0111"})
    return Sample(routed=routed, texted=texted, rejected=rejected, doubtful=doubtful)


def lose_next_answer(desk: RunningDesk, vendor: str, path: str) -> None:
    """Let the sandbox do what the next request asks and then drop the connection."""
    fault = {"kind": "reset", "vendor": vendor, "path": path, "effect": True}
    body = json.dumps(fault).encode()
    request = urllib.request.Request(f"{desk.sandbox}/_sandbox/faults", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status < 300
