"""One row for each parameter and each answer that the vendor's three texts document, proven on the wire.

Each row names the text (seed) and its passage. A parameter's row is a form, filled in and sent to the emulated VCC by the
product's own code; what arrived there is compared. An answer's row is what the emulated VCC answered, and its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from providers.types import Json, Verdict
from providers.vonage import PROVIDER
from providers.vonage.payload import suggest_key
from tests.providers.contract import REF, Fields
from tests.providers.vonage.desk import command, errors, form
from tests.providers.vonage.wire import Desk, verdicts

ROUTE: Fields = {"route": "APIRouting"}
PLAIN: Fields = {"route": "Route Interaction NR"}
QUEUE: Fields = {**ROUTE, "agent": "agentusername", "loggedintimeout": 20, "loggedouttimeout": 2_678_399}
MOBILE: Fields = {"route": "Send SMS", "property": {"CustomerMobile": "01234567890", "CustomerCountry": "GBR", "ContactName": "Joe Bloggs"}}


@dataclass(frozen=True)
class Row:
    """A documented parameter: where, and which form makes what."""

    seed: str
    passage: str
    action: str
    fields: Fields
    path: str
    """Where it must have arrived: a header's name, or names and positions in the body."""
    value: Json


def mobile(**properties: str) -> Fields:
    return {**MOBILE, "property": {**MOBILE["property"], **properties}}


def skill(**row: Any) -> Fields:
    return {**ROUTE, "skills": [{"name": "BILLING", **row}]}


def linked(*items: Mapping[str, str]) -> list[Mapping[str, str]]:
    return list(items)


def interactionproperty(key: str, value: str) -> dict[str, str]:
    return {"type": "interactionproperty", "key": key, "value": value}


ITEM, DATA, ROUTING = "requests.0", "requests.0.linkeddata", "requests.0.routingdata"
PARAMETERS = (
    Row("000", "Request parameters: accept", "sms", MOBILE, "Accept", "application/vnd.newvoicemedia.v1+json"),
    Row("000", "Request parameters: authorization", "sms", MOBILE, "Authorization", "Bearer"),
    Row("000", "Request parameters: content-type", "sms", MOBILE, "Content-Type", "application/json"),
    Row("000", "Invocation object: requests, route", "sms", MOBILE, f"{ITEM}.route", "Send SMS"),
    Row("000", "CustomerMobile: national format", "sms", MOBILE, f"{DATA}.0", interactionproperty("CustomerMobile", "01234567890")),
    Row(
        "000",
        "CustomerMobile: international format",
        "sms",
        mobile(CustomerMobile="+44 1234 567890"),
        f"{DATA}.0.value",
        "+441234567890",
    ),
    Row("000", "CustomerCountry: three character ISO code", "sms", MOBILE, f"{DATA}.1", interactionproperty("CustomerCountry", "GBR")),
    Row("000", "ContactName", "sms", MOBILE, f"{DATA}.2", interactionproperty("ContactName", "Joe Bloggs")),
    Row("001", "provider", "route", {**ROUTE, "provider": "CrmIntegration"}, "provider", "CrmIntegration"),
    Row("001", "provider: optional", "route", ROUTE, "provider", None),
    Row("001", "action: dispatch", "route", ROUTE, f"{ITEM}.action", "dispatch"),
    Row("001", "action: release", "release", {"externalid": "x"}, f"{ITEM}.action", "release"),
    Row("001", "requestId", "route", {**ROUTE, "requestid": "8762187187"}, f"{ITEM}.requestid", "8762187187"),
    Row("001", "requestId: made for every dispatch", "route", ROUTE, f"{ITEM}.requestid", suggest_key(REF)),
    Row("001", "externalId", "route", {**ROUTE, "externalid": "ObjectId_001"}, f"{ITEM}.externalid", "ObjectId_001"),
    Row("001", "externalId: optional for a dispatch", "route", ROUTE, f"{ITEM}.externalid", None),
    Row("001", "externalId: of a release", "release", {"externalid": "ObjectId_001"}, f"{ITEM}.externalid", "ObjectId_001"),
    Row("001", "provider: of a release", "release", {"externalid": "x", "provider": "CrmIntegration"}, "provider", "CrmIntegration"),
    Row("001", "route", "route", ROUTE, f"{ITEM}.route", "APIRouting"),
    Row("001", "linkeddata: optional", "route", ROUTE, DATA, None),
    Row("001", "linkeddata: clid, 50 characters", "route", {**ROUTE, "clid": "c" * 50}, DATA, linked({"type": "clid", "value": "c" * 50})),
    Row("001", "linkeddata: name, 50 characters", "route", {**ROUTE, "name": "n" * 50}, DATA, linked({"type": "name", "value": "n" * 50})),
    Row(
        "001",
        "linkeddata: mediatype, 50 characters",
        "route",
        {**ROUTE, "mediatype": "m" * 50},
        DATA,
        linked({"type": "mediatype", "value": "m" * 50}),
    ),
    Row(
        "001",
        "linkeddata: url",
        "route",
        {**ROUTE, "url": "https://vonage.com", "url_label": "Click me"},
        DATA,
        linked({"type": "url", "label": "Click me", "value": "https://vonage.com"}),
    ),
    Row(
        "001",
        "linkeddata: url, the label alone",
        "route",
        {**ROUTE, "url_label": "Click me"},
        DATA,
        linked({"type": "url", "label": "Click me"}),
    ),
    Row(
        "001",
        "linkeddata: interactionproperty, several",
        "route",
        {**ROUTE, "extra": [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}]},
        DATA,
        linked(interactionproperty("A", "1"), interactionproperty("B", "2")),
    ),
    Row("001", "routingdata: optional", "route", ROUTE, ROUTING, None),
    Row("001", "interactiontype: live", "route", {**ROUTE, "interactiontype": "live"}, ROUTING, {"interactiontype": "live"}),
    Row("001", "interactiontype: chat", "route", {**ROUTE, "interactiontype": "chat"}, ROUTING, {"interactiontype": "chat"}),
    Row("001", "interactiontype: nonlive", "route", {**ROUTE, "interactiontype": "nonlive"}, ROUTING, {"interactiontype": "nonlive"}),
    Row("001", "skills: not specified is mandatory", "route", skill(), ROUTING, {"skills": [{"name": "BILLING"}]}),
    Row("001", "expiryafter: 0 is optional", "route", skill(mode="optional"), f"{ROUTING}.skills.0.expiryafter", 0),
    Row("001", "expiryafter: seconds", "route", skill(mode="expires", seconds=60), f"{ROUTING}.skills.0.expiryafter", 60),
    Row("001", "expiryafter: 31 days", "route", skill(mode="expires", seconds=2_678_399), f"{ROUTING}.skills.0.expiryafter", 2_678_399),
    Row("001", "personalqueue: agent", "route", QUEUE, f"{ROUTING}.personalqueue.agent", "agentusername"),
    Row("001", "personalqueue: loggedintimeout", "route", QUEUE, f"{ROUTING}.personalqueue.loggedintimeout", 20),
    Row("001", "personalqueue: loggedouttimeout", "route", QUEUE, f"{ROUTING}.personalqueue.loggedouttimeout", 2_678_399),
    Row(
        "001",
        "Interaction properties to send an SMS",
        "sms",
        {"route": "SendSMS", "property": {"ToNum": "07700936658", "FromNum": "0654321", "Message": "Hello!"}},
        DATA,
        linked(
            interactionproperty("ToNum", "07700936658"), interactionproperty("FromNum", "0654321"), interactionproperty("Message", "Hello!")
        ),
    ),
    Row("002", "action", "route", PLAIN, f"{ITEM}.action", "dispatch"),
    Row(
        "002",
        "requestid",
        "route",
        {**PLAIN, "requestid": "uniqueRequestId"},
        f"{ITEM}.requestid",
        "uniqueRequestId",
    ),
    Row(
        "002",
        "externalid",
        "route",
        {**PLAIN, "externalid": "sourceObjectName"},
        f"{ITEM}.externalid",
        "sourceObjectName",
    ),
    Row("002", "route", "route", PLAIN, f"{ITEM}.route", "Route Interaction NR"),
    Row(
        "002",
        "interactiontype",
        "route",
        {**PLAIN, "interactiontype": "nonlive"},
        f"{ROUTING}.interactiontype",
        "nonlive",
    ),
)


def at(body: Json, path: str) -> Json:
    """What stands at a path; None when nothing does."""
    for step in path.split("."):
        try:
            body = body[int(step)] if step.isdigit() else body[step]
        except (KeyError, IndexError):
            return None
    return body


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: f"{row.seed} {row.passage}")
def test_a_parameter(desk: Desk, row: Row) -> None:
    made = command(row.action, row.fields)
    if row.action == "release":
        desk.change("unknown_release", "accepted")
    assert verdicts(desk.send(made)) == {made.key: Verdict.ACCEPTED}
    call = desk.box.requests("vonage", "/interactions/invoke")[-1].call
    if "." in row.path or row.path.islower():
        assert at(json.loads(call.body), row.path) == row.value
    else:
        assert call.header(row.path).split(" ")[0] == row.value


LIMITS: tuple[tuple[str, str, str, Fields, str], ...] = (
    ("001", "route: required for a dispatch", "route", {}, "route"),
    ("001", "externalId: required for a release", "release", {}, "externalid"),
    ("001", "clid: at most 50", "route", {**ROUTE, "clid": "c" * 51}, "clid"),
    ("001", "name: at most 50", "route", {**ROUTE, "name": "n" * 51}, "name"),
    ("001", "mediatype: at most 50", "route", {**ROUTE, "mediatype": "m" * 51}, "mediatype"),
    ("001", "url: requires a label", "route", {**ROUTE, "url": "https://vonage.com"}, "url_label"),
    ("001", "interactionproperty: requires a key", "route", {**ROUTE, "extra": [{"value": "1"}]}, "extra"),
    ("001", "interactionproperty: requires a value", "route", {**ROUTE, "extra": [{"key": "A"}]}, "extra"),
    ("001", "expiryafter: at most 2678399", "route", skill(mode="expires", seconds=2_678_400), "skills"),
    ("001", "skills: case-insensitive, so one is one", "route", {**ROUTE, "skills": [{"name": "a"}, {"name": "A"}]}, "skills"),
    ("001", "personalqueue: three required parameters", "route", {**ROUTE, "agent": "x"}, "loggedintimeout"),
    ("001", "loggedintimeout: at most 2678399", "route", {**QUEUE, "loggedintimeout": 2_678_400}, "loggedintimeout"),
    ("001", "loggedouttimeout: at most 2678399", "route", {**QUEUE, "loggedouttimeout": 2_678_400}, "loggedouttimeout"),
    (
        "000",
        "CustomerMobile: a valid telephone number",
        "sms",
        mobile(CustomerMobile="x"),
        "property:CustomerMobile",
    ),
    (
        "000",
        "CustomerCountry: three characters",
        "sms",
        mobile(CustomerCountry="GB"),
        "property:CustomerCountry",
    ),
)


@pytest.mark.parametrize(("seed", "passage", "action", "fields", "field"), LIMITS, ids=[f"{row[0]} {row[1]}" for row in LIMITS])
def test_a_limit_is_kept_before_anything_leaves(seed: str, passage: str, action: str, fields: Fields, field: str) -> None:
    assert field in errors(action, fields)


class TestRulesAndAnswers:
    def test_001_the_same_request_id_is_processed_once(self, desk: Desk) -> None:
        made = command("route", ROUTE)
        assert verdicts(desk.send(made)) == verdicts(desk.send(made)) == {made.key: Verdict.ACCEPTED}
        assert desk.effects() == [made.key]

    def test_001_a_release_of_what_had_a_provider_needs_it(self, desk: Desk) -> None:
        dispatched = command("route", {**ROUTE, "externalid": "x", "provider": "CrmIntegration"})
        desk.send(dispatched)
        bare, back = command("release", {"externalid": "x"}, "r1"), PROVIDER.undo(dispatched) if PROVIDER.undo else None
        assert verdicts(desk.send(bare)) == {bare.key: Verdict.REJECTED}
        assert back is not None
        whole = command(back.action, back.fields, "r2")
        assert verdicts(desk.send(whole)) == {whole.key: Verdict.ACCEPTED}

    def test_001_without_an_external_id_nothing_can_be_released(self, desk: Desk) -> None:
        assert PROVIDER.undo is not None
        assert PROVIDER.undo(command("route", ROUTE)) is None

    def test_001_a_key_with_a_space_gets_the_vendors_warning(self) -> None:
        made = form("sms", {**ROUTE, "extra": [{"key": "Contact Name", "value": "Joe"}]})
        assert [caution.field for caution in made.cautions()] == ["extra"]

    def test_001_successful_response(self, desk: Desk) -> None:
        made = command("route", ROUTE)
        assert desk.send(made).outcomes[made.key].said == ""

    def test_001_failed_response(self, desk: Desk) -> None:
        good, bad = command("route", ROUTE, "good"), command("route", {**ROUTE, "skills": [{"name": "Unheard of"}]}, "bad")
        reading = desk.send(good, bad)
        assert verdicts(reading) == {good.key: Verdict.ACCEPTED, bad.key: Verdict.REJECTED}
        assert reading.outcomes[bad.key].said == json.dumps([bad.key])
