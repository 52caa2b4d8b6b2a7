"""The vendor's own examples: each is read, becomes a form, and goes out again as it stands on the vendor's page.

Compared to the byte after white space is taken out, so the order of properties counts too. What the desk always sends and
an example leaves out, `action` and `requestid`, is added to the expectation and to nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from providers.types import Answer, Json, Verdict
from providers.vonage import PROVIDER
from providers.vonage.payload import suggest_key
from tests.providers.contract import REF
from tests.providers.vonage.desk import command
from tests.providers.vonage.samples import ACCOUNT

FULL = """{ "provider":"ProviderName", "requests":[ { "action":"dispatch", "requestid":"13141f79-79bb-4e4f-a7bc-a96f3a08d1bb",
"externalid":"40a4b50f", "route":"APIRouting", "linkeddata":[ { "type":"clid", "value":"Cases 40a4b50f" }, { "type":"url",
"label":"40a4b50f", "value":"https://vonage.com" }, { "type":"name", "value":"Case Friendly Name" }, { "type":"mediatype",
"value":"Case-External" } ], "routingdata":{ "interactiontype":"nonlive", "personalqueue":{ "agent":"AgentUsername",
"loggedintimeout":20, "loggedouttimeout":30 }, "skills":[ { "name":"skillOptional", "expiryafter":0 }, {
"name":"skillExpiring", "expiryafter":60 }, { "name":"skillMandatory" } ] } } ] }"""
SMS = """{ "requests": [ { "route": "SendSMS", "linkeddata": [ {"type": "interactionproperty", "key": "ToNum", "value":
"07700936658"}, {"type": "interactionproperty", "key": "FromNum", "value": "0654321"}, {"type": "interactionproperty",
"key": "Message", "value": "Hello!"} ] } ] }"""
MOBILE = """{ "requests": [ { "route": "Send SMS", "linkeddata": [ {"type": "interactionproperty", "key": "CustomerMobile",
"value": "01234567890"}, {"type": "interactionproperty", "key": "CustomerCountry", "value": "GBR"}, {"type":
"interactionproperty", "key": "ContactName", "value": "Joe Bloggs"} ] } ] }"""
REGISTERED = """{ "provider": "CrmIntegration", "requests": [ { "action": "dispatch", "requestid": "8762187187", "externalid":
"ObjectId_001", "route": "CrmCallRouting", "linkeddata": [ {"type": "clid", "value": "+44123456789"}, {"type": "url",
"label": "Click me", "value": "https://developer.newvoicemedia.com"} ], "routingdata": { "interactiontype" : "nonlive" } } ] }"""
SKILLS = """{ "provider": "CrmIntegration", "requests": [ { "action": "dispatch", "requestid": "8762187187", "externalid":
"ObjectId_001", "route": "CrmCallRouting", "linkeddata": [ {"type": "clid", "value": "+44123456789"}, {"type": "url",
"label": "Click me", "value": "https://developer.newvoicemedia.com"} ], "routingdata": { "interactiontype" : "nonlive",
"skills": [ {"name": "skillOptional", "expiryafter": 0}, {"name": "skillExpiring", "expiryafter": 60}, {"name":
"skillMandatory"} ] } } ] }"""
QUEUE = """{ "provider": "CrmIntegration", "requests": [ { "action": "dispatch", "requestid": "8762187187", "externalid":
"ObjectId_001", "route": "CrmCallRouting", "linkeddata": [ {"type": "clid", "value": "+44123456789"}, {"type": "url",
"label": "Click me", "value": "https://developer.newvoicemedia.com"} ], "routingdata": { "interactiontype" : "nonlive",
"personalqueue": { "agent": "AgentUsername", "loggedintimeout": 20, "loggedouttimeout": 30 } } } ] }"""
RELEASE = """{ "requests": [ { "action": "release", "requestid": "8762187190", "externalid": "ObjectId_001" } ] }"""
PLAIN = """{ "requests": [ { "action": "dispatch", "requestid": "uniqueRequestId", "externalid": "sourceObjectName",
"route": "Route Interaction NR", "routingdata": { "interactiontype" : "nonlive" } } ] }"""


@dataclass(frozen=True)
class Passage:
    """An example of the vendor's, where it stands, and the action it becomes."""

    seed: str
    title: str
    body: str
    action: str


PASSAGES = (
    Passage("001", "Example body (Full dispatch)", FULL, "route"),
    Passage("001", "Dispatching an interaction with interaction properties to send an SMS", SMS, "sms"),
    Passage("000", "Example Invocation object (Send SMS)", MOBILE, "sms"),
    Passage("001", "Dispatching a case with a registered provider", REGISTERED, "route"),
    Passage("001", "Dispatching a case with preset skills", SKILLS, "route"),
    Passage("001", "Dispatching a case tagged with personal queue", QUEUE, "route"),
    Passage("001", "Releasing interaction from the system", RELEASE, "release"),
    Passage("002", "Example Invocation object (Route Interaction)", PLAIN, "route"),
)


def named(passage: Passage) -> str:
    return f"{passage.seed}-{passage.title}"


def on_the_wire(example: str) -> bytes:
    """The example without white space, with the request ID and action that the desk always sends."""
    body = json.loads(example)
    (request,) = body["requests"]
    always = {"action": request.pop("action", "dispatch"), "requestid": request.pop("requestid", suggest_key(REF))}
    return json.dumps({**body, "requests": [{**always, **request}]}, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("passage", PASSAGES, ids=named)
def test_an_example_goes_out_as_it_stands(passage: Passage) -> None:
    (draft,) = PROVIDER.read(ACCOUNT, json.loads(passage.body), "")
    assert draft.action == passage.action
    request = PROVIDER.build(ACCOUNT, [command(draft.action, draft.fields)])
    assert request.body == on_the_wire(passage.body)
    assert (request.method, request.url) == ("POST", "https://emea.api.newvoicemedia.com/interactions/invoke")
    assert request.headers == (("Accept", "application/vnd.newvoicemedia.v1+json"), ("Content-Type", "application/json"))


@pytest.mark.parametrize("passage", PASSAGES, ids=named)
def test_a_request_id_of_the_example_is_kept(passage: Passage) -> None:
    (draft,) = PROVIDER.read(ACCOUNT, json.loads(passage.body), "")
    given = json.loads(passage.body)["requests"][0].get("requestid")
    assert draft.fields.get("requestid") == given
    assert command(draft.action, draft.fields).key == (given or suggest_key(REF))


@pytest.mark.parametrize("passage", PASSAGES, ids=named)
def test_prose_writes_some_names_with_capitals(passage: Passage) -> None:
    """Seed 001 says requestId and externalId in its prose and requestid and externalid in its examples."""
    prose = passage.body.replace('"requestid"', '"requestId"').replace('"externalid"', '"externalId"')
    assert PROVIDER.read(ACCOUNT, json.loads(prose), "") == PROVIDER.read(ACCOUNT, json.loads(passage.body), "")


def test_prose_calls_the_type_property() -> None:
    """Seed 000: "Set the type of these key-value pairs to property", and then an example of the type interactionproperty."""
    prose: Json = json.loads(MOBILE.replace("interactionproperty", "property"))
    assert PROVIDER.read(ACCOUNT, prose, "") == PROVIDER.read(ACCOUNT, json.loads(MOBILE), "")


ANSWERS = (
    ("001", "Successful response", "[]", Verdict.ACCEPTED),
    ("001", "Failed response", '[ "8762187190" ]', Verdict.REJECTED),
)


@pytest.mark.parametrize(("seed", "title", "body", "verdict"), ANSWERS, ids=[title for _seed, title, _body, _verdict in ANSWERS])
def test_an_example_answer(seed: str, title: str, body: str, verdict: Verdict) -> None:
    (draft,) = PROVIDER.read(ACCOUNT, json.loads(RELEASE), "")
    request = PROVIDER.build(ACCOUNT, [command(draft.action, draft.fields)])
    reading = PROVIDER.parse(Answer(200, (("Content-Type", "application/json; charset=utf-8"),), body.encode()), request)
    assert reading.outcomes["8762187190"].verdict is verdict
    assert reading.outcomes["8762187190"].said == ("" if verdict is Verdict.ACCEPTED else body)
