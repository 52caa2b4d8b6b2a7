"""Every parameter and response of the vendor's page “Send SMS to contact source REST API”, proven on the wire against the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from providers.auth import MemoryTokenStore
from providers.errors import LostAnswer
from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from providers.types import Command, Item, Json, Verdict
from tests.providers.lines import Line

MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
OTHERS, DELETED = "99999999-aaaa-4bbb-8ccc-dddddddddddd", "11111111-2222-4333-8444-555555555555"
SENDJOBS = "/rest/channels/sms/publishedmessages/*/sendjobs"
HOURS = 3600


def in_two_days() -> str:
    moment = datetime.now(UTC).replace(microsecond=250_000) + timedelta(days=2)
    return moment.isoformat(timespec="milliseconds")


WHEN = in_two_days()
PARAMETERS = [
    ("Attribute: publishedMessageId", {}, None, None),
    ("Attribute: ContactSourceId, provided", {"contact_source": "4396820"}, "contactSourceId", 4396820),
    ("Attribute: ContactSourceId, not provided", {}, "contactSourceId", None),
    ("Attribute: externalSystemName", {"external_system_name": "Campaign"}, "externalSystemName", "Campaign"),
    ("Attribute: externalSystemName, not passed", {}, "externalSystemName", None),
    (
        "Attribute: externalSystemReferenceId",
        {"external_system_reference_id": "Param_12345_test"},
        "externalSystemReferenceId",
        "Param_12345_test",
    ),
    ("Attribute: messageName", {"message_name": "OfferToUpdateAPIpage"}, "messageName", "OfferToUpdateAPIpage"),
    ("Attribute: scheduledDate", {"scheduled_date": WHEN}, "scheduledDate", WHEN),
    ("Attribute: scheduledDate, not provided: Send now", {}, "scheduledDate", None),
    ("Attribute: preBlockingHours", {"pre_blocking_hours": "4"}, "preBlockingHours", 4),
    ("vendor's Swagger, SmsSendJobSpecification: folder", {"folder": "Shared"}, "folder", "Shared"),
]
"""Passage of the page, form fields, property, and its value on the wire (None: absent)."""


@pytest.mark.parametrize(("passage", "fields", "name", "value"), PARAMETERS, ids=[row[0] for row in PARAMETERS])
def test_a_documented_parameter(line: Line, passage: str, fields: dict[str, str], name: str | None, value: Json) -> None:
    command = line.command("send", {"message": MESSAGE, **fields})
    assert line.outcome(command).code == "acoustic.accepted"
    (recorded,) = line.box.requests("acoustic", SENDJOBS)
    assert recorded.call.path == f"/rest/channels/sms/publishedmessages/{MESSAGE}/sendjobs"
    assert json.loads(recorded.call.body).get(name) == value
    assert recorded.call.header("Content-Type") == "application/json"
    (effect,) = line.box.ledger.effects("acoustic", kind="send_job", key=command.key)
    assert effect.detail["contact_source"] == (4396820 if name == "contactSourceId" and value else 4396816)


RESPONSES: list[tuple[str, str, dict[str, Json], str, int, str]] = [
    ("Success", MESSAGE, {}, "Desk a", 201, "accepted"),
    ("Failure", MESSAGE, {"scheduledDate": "yesterday"}, "Desk a", 400, "failure"),
    ("Contact source is not SMS enabled", MESSAGE, {"contactSourceId": 4396840}, "Desk a", 400, "source_not_enabled"),
    ("User calling the API is not SMS enabled", MESSAGE, {}, "Desk a", 403, "forbidden"),
    ("Contact source does not exist", MESSAGE, {"contactSourceId": 1}, "Desk a", 400, "source_unknown"),
    ("Contact source is not in this org", MESSAGE, {"contactSourceId": 5000001}, "Desk a", 400, "source_denied"),
    ("No ID provided", "", {}, "Desk a", 404, "no_message_id"),
    ("Provided ID does not exist", MESSAGE.replace("e3c3", "0000"), {}, "Desk a", 400, "message_unknown"),
    ("Provided ID is not in this org", OTHERS, {}, "Desk a", 403, "forbidden"),
    ("Provided ID existed but was deleted", DELETED, {}, "Desk a", 400, "message_unknown"),
    ("Contains characters NOT whitelisted for use in UI", MESSAGE, {}, "<Ωffer> & “more” %", 201, "accepted"),
    ("Contains all spaces", MESSAGE, {}, "   ", 400, "name_invalid"),
    ("Has leading or trailing spaces", MESSAGE, {}, " Desk a ", 201, "accepted"),
    ("Message name is not unique", MESSAGE, {}, "Taken", 400, "name_taken"),
    ("externalSystemName: value >2000 chars", MESSAGE, {"externalSystemName": "x" * 2001}, "Desk a", 400, "system_name_too_long"),
    (
        "externalSystemReferenceId: value >2000 chars",
        MESSAGE,
        {"externalSystemReferenceId": "x" * 2001},
        "Desk a",
        400,
        "system_reference_too_long",
    ),
]
"""Scenario of the page's table, message, further properties, message name, status, and the outcome it becomes."""
SAID = {
    "source_not_enabled": "Contact source 4396840is not enabled for SMS.",
    "source_unknown": "Contact source ID 1 does not exist.",
    "source_denied": "Contact source access denied",
    "message_unknown": "Unable to find published DeliveryDraft with contentId ",
    "forbidden": "Forbidden",
    "name_invalid": "Invalid message name",
    "name_taken": "A SMS with the name: Taken already exists",
    "system_name_too_long": "Length of External System Name cannot exceed 2000 characters.",
    "system_reference_too_long": "Length of External System RefrenceId cannot exceed 2000 characters.",
    "failure": "Failure",
}


@pytest.mark.parametrize("wrapping", ["strings", "objects", "fields", "plain"])
@pytest.mark.parametrize(("scenario", "message", "more", "name", "status", "code"), RESPONSES, ids=[row[0] for row in RESPONSES])
def test_a_documented_response(
    line: Line, scenario: str, message: str, more: dict[str, Json], name: str, status: int, code: str, wrapping: str
) -> None:
    line.send(line.command("send", {"message": MESSAGE, "message_name": "Taken"}))
    line.box.world.change("acoustic", "errors_as", wrapping)
    line.box.world.change("acoustic", "sms_enabled", scenario != "User calling the API is not SMS enabled")
    found = line.outcome(Command("send", name, {"publishedMessageId": message, **more}))
    assert line.box.requests("acoustic", SENDJOBS)[-1].status == status
    assert found.code == f"acoustic.{code}"
    assert found.verdict == (Verdict.ACCEPTED if status == 201 else Verdict.REJECTED)
    assert found.said.startswith(SAID.get(code, ""))
    assert len(line.box.ledger.effects("acoustic", key=name)) == (1 if status == 201 or name == "Taken" else 0)


@pytest.mark.parametrize("name", ["externalSystemName", "externalSystemReferenceId"])
def test_2000_characters_are_taken(line: Line, name: str) -> None:
    assert line.outcome(Command("send", "Desk a", {"publishedMessageId": MESSAGE, name: "x" * 2000})).verdict == Verdict.ACCEPTED


def test_the_answer_to_a_send_job_names_another_host_that_is_never_called(line: Line) -> None:
    request = line.provider.build(line.account, [line.command("send", {"message": MESSAGE})])
    said = json.loads(line.exchange(request).body)
    assert said["data"]["location"].startswith("http://engage-qa1-api.adm01.com/rest/channels/sms/sendjobs/")
    assert set(said["meta"]) == {"attributes", "generalErrors", "fieldErrors", "links", "nextPageUrl"}
    assert [record.call.method for record in line.box.requests("acoustic")] == ["POST", "POST"]


def test_a_repeat_after_a_lost_answer_proves_the_first(line: Line) -> None:
    line.box.faults.add(Fault(Kind.CLOSE, vendor="acoustic", path=SENDJOBS, effect=True))
    command = line.command("send", {"message": MESSAGE})
    with pytest.raises(LostAnswer):
        line.send(command)
    again = line.outcome(command)
    assert (again.code, again.proves_earlier) == ("acoustic.name_taken", True)
    assert len(line.box.ledger.effects("acoustic")) == 1


def test_names_of_earlier_runs_stay_taken(tmp_path: Path) -> None:
    for code in ("acoustic.accepted", "acoustic.name_taken"):
        with Sandbox(ledger_file=tmp_path / "ledger") as box:
            line = Line(box, "acoustic")
            assert line.outcome(line.command("send", {"message": MESSAGE})).code == code
            line.close()


def test_a_token_of_an_earlier_run_is_still_known(tmp_path: Path) -> None:
    store = MemoryTokenStore()
    for name in ("first", "second"):
        with Sandbox(ledger_file=tmp_path / "ledger") as box:
            line = Line(box, "acoustic")
            line.store = store
            assert line.outcome(line.command("send", {"message": MESSAGE, "message_name": name})).verdict == Verdict.ACCEPTED
            assert len(box.requests("acoustic", "/oauth/token")) == (1 if name == "first" else 0)
            line.close()


class TestPublishedMessages:
    def test_all_pages_are_read(self, line: Line) -> None:
        line.box.world.change("acoustic", "page_size", 2)
        assert line.provider.fetch is not None
        assert line.provider.read_fetch is not None
        found: list[Item] = []
        page, pages = "", 0
        while pages == 0 or page:
            answer = line.exchange(line.provider.fetch(line.account, "message", page))
            one = line.provider.read_fetch("message", answer)
            found, page, pages = [*found, *one.items], one.next_page, pages + 1
        assert pages == 2
        assert found == line.items["message"]

    def test_a_user_without_sms_is_told(self, line: Line) -> None:
        line.box.world.change("acoustic", "sms_enabled", False)
        outcome = line.probe.read(line.exchange(line.probe.request(line.account)))
        assert "not enabled for SMS" in outcome.explanation

    def test_an_unknown_address_is_answered_404(self, line: Line) -> None:
        account = type(line.account)("acoustic", "x", {"pod": "custom", "base_url": f"{line.box.url}/acoustic/nowhere"}, "")
        answer = line.exchange(line.probe.request(account))
        assert answer.status == 404


UNDOCUMENTED = [
    ({"messageName": 5}, "Invalid message name"),
    ({"messageName": "a", "contactSourceId": "4396816"}, "Failure"),
    ({"messageName": "a", "externalSystemName": 5}, "Failure"),
    ({"messageName": "a", "preBlockingHours": -1}, "Failure"),
    ({"messageName": "a", "scheduledDate": "1970-01-01T00:00:00.000+00:00"}, "Failure"),
    ({"messageName": "a", "scheduledDate": "2999-01-01T00:00:00"}, "Failure"),
    ([], "Failure"),
]


@pytest.mark.parametrize(("body", "said"), UNDOCUMENTED)
def test_the_sandboxs_assumptions_send_nothing(line: Line, body: Json, said: str) -> None:
    request = line.provider.build(line.account, [line.command("send", {"message": MESSAGE})])
    odd = type(request)(request.method, request.url, request.headers, json.dumps(body).encode(), request.keys)
    answer = line.exchange(odd)
    assert answer.status == 400
    assert json.loads(answer.body)["meta"]["generalErrors"] == [said]
    assert line.box.ledger.effects("acoustic") == []
