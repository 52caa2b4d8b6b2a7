"""Every parameter and response of the vendor's page “SMS endpoints”, proven on the wire against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from providers.errors import LostAnswer
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from providers.types import Account, Answer, Command, Json, Outcome, Secrets, Signal, Verdict
from tests.providers.ccai.samples import BY_EMAIL_ANSWER, BY_ID_ANSWER, SELECTING, answer
from tests.providers.lines import Line

SMS = "/apps/api/v1/sms"
FIELDS = {"end_user_number": "+1 415-555-0100", "outbound_number": "+1 628-555-0199", "message": "lorem ipsum"}
VALUES = {
    "chat_type": "Messaging (SMS)",
    "end_user_number": "+14155550100",
    "outbound_number": "+16285550199",
    "message": "lorem ipsum",
    "ticket_id": "5006x00000XXxxxXXX",
}
ACTIVE = "Outbound SMS failed. Consumer is already in an active SMS session."


@pytest.fixture
def line() -> Iterator[Line]:
    with Sandbox() as box:
        made = Line(box, "ccai")
        yield made
        made.close()


def text(line: Line, **fields: str) -> Outcome:
    """What became of one text."""
    return line.outcome(line.command("text", {**FIELDS, **fields}))


PARAMETERS: list[tuple[str, dict[str, str], str, Json]] = [
    ('chat_type: "Messaging (SMS)", as in the examples', {}, "chat_type", "Messaging (SMS)"),
    ('chat_type: "Messaging (API)", as in the table', {"chat_type": "Messaging (API)"}, "chat_type", "Messaging (API)"),
    ('chat_type: "SMS" (deprecated)', {"chat_type": "SMS"}, "chat_type", "SMS"),
    ("end_user_number", {}, "end_user_number", "+14155550100"),
    ("outbound_number", {}, "outbound_number", "+16285550199"),
    ("message", {"message": "two\nlines 😀"}, "message", "two\nlines 😀"),
    ("ticket_id", {"ticket_id": "5006x00000XXxxxXXX"}, "ticket_id", "5006x00000XXxxxXXX"),
    ("ticket_id FALSE: without it", {}, "ticket_id", None),
    ("assign it to an agent using agent ID", {"agent": "1"}, "agentId", 1),
    ("assign it to an agent email", {"agent": "john.doe@foo.com"}, "agentEmail", "john.doe@foo.com"),
]
"""Passage of the page, form fields, property, and its value on the wire (None: absent)."""


@pytest.mark.parametrize(("passage", "fields", "name", "value"), PARAMETERS, ids=[row[0] for row in PARAMETERS])
def test_a_documented_parameter(line: Line, passage: str, fields: dict[str, str], name: str, value: Json) -> None:
    assert text(line, **fields).verdict == Verdict.ACCEPTED
    (recorded,) = line.box.requests("ccai")
    assert (recorded.call.method, recorded.call.path) == ("POST", SMS)
    assert recorded.call.header("Content-Type") == "application/json"
    assert json.loads(recorded.call.body).get(name) == value
    (effect,) = line.box.ledger.effects("ccai", kind="sms")
    assert effect.recipients == ("+14155550100",)
    assert effect.detail["message"] == fields.get("message", "lorem ipsum")


def without(name: str) -> dict[str, Json]:
    return {key: value for key, value in VALUES.items() if key != name}


REFUSALS: list[tuple[dict[str, Json], dict[str, Json], str, str]] = [
    (without("chat_type"), {}, "chat_type needs to be provided", "chat_type_missing"),
    ({**VALUES, "chat_type": "In-app"}, {}, "valid chat type needs to be provided", "chat_type_invalid"),
    (VALUES, {"sms_enabled": False}, "SMS is not enabled", "sms_not_enabled"),
    (VALUES, {"outbound_enabled": False}, "Outbound SMS is not enabled", "outbound_not_enabled"),
    (without("end_user_number"), {}, "end_user_number is required", "end_user_number_missing"),
    ({**VALUES, "end_user_number": "12345"}, {}, "end_user_number is invalid", "end_user_number_invalid"),
    ({**VALUES, "outbound_number": "+82 000-000-0000"}, {}, "Non-US phone number not allowed", "non_us_number"),
    (without("outbound_number"), {}, "outbound_number is required", "outbound_number_missing"),
    ({**VALUES, "outbound_number": "12345"}, {}, "outbound_number is invalid", "outbound_number_invalid"),
    ({**VALUES, "outbound_number": "+1 628-555-0177"}, {}, "outbound_number is not found", "outbound_number_unknown"),
    ({**VALUES, "message": ""}, {}, "message is required", "message_missing"),
    ({**VALUES, "end_user_number": "+14155550111"}, {}, ACTIVE, "session_active"),
]
"""Body of the page's example, switches of the sandbox, the vendor's sentence, and the outcome it becomes."""


@pytest.mark.parametrize(("values", "switches", "said", "code"), REFUSALS, ids=[row[2] for row in REFUSALS])
def test_a_documented_refusal(line: Line, values: dict[str, Json], switches: dict[str, Json], said: str, code: str) -> None:
    text(line, end_user_number="+14155550111")
    for name, value in switches.items():
        line.box.world.change("ccai", name, value)
    found = line.outcome(Command("text", "ref", values))
    assert (found.verdict, found.code, found.said) == (Verdict.REJECTED, f"ccai.{code}", said)
    assert line.box.requests("ccai")[-1].status == 400
    assert len(line.box.ledger.effects("ccai")) == 1


EXAMPLES: list[tuple[str, dict[str, str], str, dict[str, Json]]] = [
    ("Create an outbound SMS chat with ticket ID", {"ticket_id": "5006x00000XXxxxXXX"}, "selecting", SELECTING),
    ("… and assign it to an agent using agent ID", {"agent": "1"}, "assigned", BY_ID_ANSWER),
    ("… and assign it to an agent email", {"agent": "john.doe@foo.com"}, "assigned", BY_EMAIL_ANSWER),
    ("Create an outbound SMS chat without ticket ID", {}, "selecting", SELECTING),
]
MOMENTS = ("created_at", "assigned_at", "connected_at")


def without_moments(value: Json) -> Json:
    """The same, each moment replaced by whether there is one."""
    if isinstance(value, list):
        return [without_moments(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: inner is not None if key in MOMENTS else without_moments(inner) for key, inner in value.items()}


@pytest.mark.parametrize(("passage", "fields", "code", "example"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_a_documented_success(line: Line, passage: str, fields: dict[str, str], code: str, example: dict[str, Json]) -> None:
    request = line.provider.build(line.account, [line.command("text", {**FIELDS, **fields})])
    given = line.exchange(request)
    assert given.status == 200
    assert without_moments(json.loads(given.body)) == without_moments(example)
    (outcome,) = line.provider.parse(given, request).outcomes.values()
    assert outcome.code == f"ccai.{code}"
    assert dict(outcome.references)["chat_id"] == "114"
    assert dict(outcome.references)["outbound_number"] == "+16285550199"


@pytest.mark.parametrize("agent", ["1", "john.doe@foo.com"])
def test_both_spellings_of_the_agents_properties_are_taken(line: Line, agent: str) -> None:
    line.account = replace(line.account, settings={**line.account.settings, "agent_keys": "snake"})
    assert text(line, agent=agent).code == "ccai.assigned"
    body = json.loads(line.box.requests("ccai")[0].call.body)
    assert ("agent_email" if "@" in agent else "agent_id") in body


class TestSessions:
    """The vendor: a text opens an active session; an agent in that chat can go on texting there."""

    def test_a_second_text_to_the_same_customer_is_refused(self, line: Line) -> None:
        assert [text(line).code, text(line).code] == ["ccai.selecting", "ccai.session_active"]
        assert len(line.box.ledger.effects("ccai")) == 1

    def test_the_agent_of_the_chat_texts_into_it(self, line: Line) -> None:
        first, second = text(line, agent="1"), text(line, agent="john.doe@foo.com")
        assert dict(first.references)["chat_id"] == dict(second.references)["chat_id"] == "114"
        assert len(line.box.ledger.effects("ccai")) == 2

    @pytest.mark.parametrize(("first", "second"), [("1", "2"), ("1", ""), ("", "1")])
    def test_nobody_else_does(self, line: Line, first: str, second: str) -> None:
        text(line, agent=first)
        assert text(line, agent=second).code == "ccai.session_active"

    def test_a_session_ends(self, line: Line) -> None:
        text(line)
        line.box.world.change("sandbox", "clock_shift", 86_401)
        assert dict(text(line).references)["chat_id"] == "115"

    def test_with_the_guard_off_a_repeat_texts_twice(self, line: Line) -> None:
        """What the machine must never do: no key tells the vendor that it is the same text."""
        line.box.world.change("ccai", "session_guard", False)
        line.box.faults.add(Fault(Kind.CLOSE, vendor="ccai", effect=True))
        with pytest.raises(LostAnswer):
            text(line)
        assert text(line).verdict == Verdict.ACCEPTED
        assert len(line.box.ledger.effects("ccai")) == 2

    def test_sessions_and_ids_outlive_the_sandbox(self, tmp_path: Path) -> None:
        for fields, code in [({}, "ccai.selecting"), ({}, "ccai.session_active"), ({"end_user_number": "+14155550111"}, "ccai.selecting")]:
            with Sandbox(ledger_file=tmp_path / "ledger") as box:
                line = Line(box, "ccai")
                found = text(line, **fields)
                assert found.code == code
                line.close()
        assert dict(found.references)["chat_id"] == "115"


class TestAccess:
    def test_the_user_name_is_the_subdomain(self, line: Line) -> None:
        assert text(line).verdict == Verdict.ACCEPTED
        assert line.box.requests("ccai")[0].call.header("Authorization") == "Basic Y3VzdG9tZXI6c2FuZGJveC1jY2FpLXRva2Vu"

    @pytest.mark.parametrize("body", ["json", "empty"])
    def test_a_dead_token_pauses_and_fails_nothing(self, line: Line, body: str) -> None:
        line.box.world.change("ccai", "unauthorized_body", body)
        line.box.world.change("ccai", "token", "regenerated")
        command = line.command("text", FIELDS)
        reading = line.send(command)
        assert (reading.signal, reading.outcomes[command.key].verdict) == (Signal.ACCESS_REFUSED, Verdict.NOT_SENT)
        assert line.box.ledger.effects("ccai") == []
        line.secrets = Secrets({"token": "regenerated"})
        assert line.outcome(command).verdict == Verdict.ACCEPTED

    def test_a_disabled_credential_pauses_and_fails_nothing(self, line: Line) -> None:
        line.box.world.change("ccai", "access", False)
        command = line.command("text", FIELDS)
        reading = line.send(command)
        assert (reading.signal, reading.outcomes[command.key].code) == (Signal.ACCESS_REFUSED, "ccai.access_refused")

    def test_the_probe_reads_one_chat_and_texts_nobody(self, line: Line) -> None:
        text(line)
        assert self.probe(line).verdict == Verdict.ACCEPTED
        call = line.box.requests("ccai")[-1].call
        assert (call.method, call.path, dict(call.query)) == ("GET", "/manager/api/v1/chats", {"per": "1"})
        assert len(line.box.ledger.effects("ccai")) == 1

    def test_the_probe_says_what_is_wrong(self, line: Line) -> None:
        line.box.world.change("ccai", "token", "regenerated")
        assert "refused the subdomain or the token" in self.probe(line).explanation
        line.box.world.change("ccai", "token", None)
        line.box.world.change("ccai", "access", False)
        assert "does not let it in" in self.probe(line).explanation
        line.account = Account("ccai", "x", {**line.account.settings, "base_url": f"{line.box.url}/ccai/nowhere"}, "US")
        line.box.world.change("ccai", "access", True)
        assert "Check the subdomain" in self.probe(line).explanation

    def probe(self, line: Line) -> Outcome:
        return line.probe.read(line.exchange(line.probe.request(line.account)))

    @pytest.mark.parametrize("said", [answer(200, "<html>Sign in</html>"), answer(200, {"id": 1}), answer(500, "[]"), answer(429, "[]")])
    def test_what_does_not_prove_access(self, line: Line, said: Answer) -> None:
        assert line.probe.read(said).verdict == Verdict.REJECTED


def test_the_eleventh_request_within_a_second_is_refused(line: Line) -> None:
    """Assumption about the answer; documented is "a rate of 10 request per second per customer"."""
    line.box.world.now = lambda: 1_800_000_000.0  # type: ignore[method-assign]
    found = [text(line, end_user_number=f"+1415555{number:04}").code for number in range(100, 111)]
    assert found == ["ccai.selecting"] * 10 + ["ccai.throttled"]
    assert len(line.box.ledger.effects("ccai")) == 10


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"chat_type": ["SMS"]}', b'{"chat_type": "SMS", "end_user_number": 5}', b"[" * 100_000]
)
def test_a_body_that_is_none_sends_nothing(line: Line, body: bytes) -> None:
    request = line.provider.build(line.account, [line.command("text", FIELDS)])
    assert line.exchange(replace(request, body=body)).status == 400
    assert line.box.ledger.effects("ccai") == []


@pytest.mark.parametrize("agents", [{"agentId": 99}, {"agentEmail": "nobody@foo.com"}, {"agentId": 1, "agentEmail": "john.doe@foo.com"}])
def test_an_agent_that_is_none_is_refused(line: Line, agents: dict[str, Json]) -> None:
    found = line.outcome(Command("text", "ref", {**VALUES, **agents}))
    assert (found.verdict, found.code, found.said) == (Verdict.REJECTED, "ccai.refused", "agent is not found")


def test_the_list_of_chats_is_paged_and_holds_no_numbers(line: Line) -> None:
    for number in range(100, 103):
        text(line, end_user_number=f"+1415555{number:04}")
    probe = line.probe.request(line.account)
    given = line.exchange(replace(probe, url=probe.url.replace("per=1", "per=2&page=2")))
    assert [chat["id"] for chat in json.loads(given.body)] == [116]
    assert given.header("total") == "3"
    assert b"415555" not in given.body
