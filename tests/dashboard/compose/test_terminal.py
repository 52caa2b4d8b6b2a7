"""`manage.py compose`: what it prints, and that it makes the same commands as the screen."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext

import pytest
from django.test import Client

from dashboard.management.commands.compose import Command
from dashboard.models import Connection, Dispatch, Person
from tests import factories
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import FILLED, MESSAGE, Composer
from tests.dashboard.compose.seeds import SEED_DISPATCH, SEED_TEXT
from tests.dashboard.compose.terminal import Run, compose

# --- printing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["vonage", "acoustic", "ccai"])
@pytest.mark.parametrize("prefix", [True, False])
def test_without_send_it_prints_the_exact_request(run: Run, provider: str, prefix: bool, db: None) -> None:
    connection = stocked(provider, name="account")
    action = {"vonage": "route", "acoustic": "send", "ccai": "text"}[provider]
    ran = run(f"{provider}.{action}" if prefix else action, "--connection", "account", fields=FILLED[provider])
    assert ran.code == 0
    head, _gap, body = ran.out.rstrip("\n").partition("\n\n")
    assert head.startswith(f"POST http://127.0.0.1:9/{provider}/")
    assert "Authorization: Ba" in head or "Authorization: Bearer <ACCESS_TOKEN>" in head
    target = FILLED[provider].get("message", "") if provider == "acoustic" else ""
    draft = connection.vendor.read(connection.account(), json.loads(body), target)[0]
    assert draft.action == action
    assert not Dispatch.objects.exists()


def test_fields_and_request_give_the_same_command(run: Run, vonage: Connection) -> None:
    by_request = run("route", "--connection", "vcc-emea", request=SEED_DISPATCH)
    fields = {
        "provider": "ProviderName",
        "requestid": "13141f79-79bb-4e4f-a7bc-a96f3a08d1bb",
        "externalid": "40a4b50f",
        "route": "APIRouting",
        "clid": "Cases 40a4b50f",
        "url": "https://vonage.com",
        "url_label": "40a4b50f",
        "name": "Case Friendly Name",
        "mediatype": "Case-External",
        "interactiontype": "nonlive",
        "agent": "AgentUsername",
        "loggedintimeout": 20,
        "loggedouttimeout": 30,
        "skills": [
            {"name": "skillOptional", "mode": "optional"},
            {"name": "skillExpiring", "mode": "expires", "seconds": 60},
            {"name": "skillMandatory"},
        ],
    }
    by_fields = run("route", "--connection", "vcc-emea", fields=fields)
    assert by_fields.out == by_request.out
    assert by_request.body == json.loads(SEED_DISPATCH)


def test_properties_of_a_route_stand_under_property(run: Run, vonage: Connection) -> None:
    fields = {"route": "SendSMS", "property": {"ToNum": "07700936658", "Message": "Hello!"}}
    ran = run("sms", "--connection", "vcc-emea", fields=fields)
    assert [(item["key"], item["value"]) for item in ran.body["requests"][0]["linkeddata"]] == [
        ("ToNum", "07700936658"),
        ("Message", "Hello!"),
    ]


def test_a_body_with_several_interactions_is_one_request(run: Run, vonage: Connection) -> None:
    body = {"requests": [{"route": "APIRouting"}, {"route": "CrmCallRouting", "requestid": "mine"}, {"route": "APIRouting"}]}
    ran = run("route", "--connection", "vcc-emea", request=body)
    ids = [request["requestid"] for request in ran.body["requests"]]
    assert ids[1] == "mine"
    assert len(set(ids)) == 3


def test_a_body_that_two_actions_send_alike_is_taken_for_either(run: Run, vonage: Connection) -> None:
    words = {"ToNum": "07700936658", "Message": "Hello!"}
    linked = [{"type": "interactionproperty", "key": key, "value": value} for key, value in words.items()]
    body = {"requests": [{"route": "SendSMS", "linkeddata": linked}]}
    assert run("sms", "--connection", "vcc-emea", request=body).code == 0
    assert run("route", "--connection", "vcc-emea", request=body).code == 0


def test_the_target_names_what_the_body_does_not(run: Run, acoustic: Connection) -> None:
    ran = run("send", "--connection", "campaign-us", "--target", MESSAGE, request={"messageName": "Spring"})
    assert ran.code == 0
    assert f"/publishedmessages/{MESSAGE}/sendjobs" in ran.out
    same = run("send", "--connection", "campaign-us", "--target", MESSAGE, fields={"message_name": "Spring"})
    assert same.out == ran.out


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, ccai: Connection) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(FILLED["ccai"])))
    ran = compose("text", "--connection", "care-us", "--fields", "-")
    assert ran.body["end_user_number"] == "+14155550100"


def test_warnings_go_to_standard_error(run: Run, vonage: Connection) -> None:
    ran = run("route", "--connection", "vcc-emea", fields={**FILLED["vonage"], "requestid": "mine"})
    assert "Set by hand" in ran.err
    assert "Set by hand" not in ran.out


def test_the_schema_names_every_field_with_its_limits(vonage: Connection) -> None:
    ran = compose("vonage.route", "--connection", "vcc-emea", "--schema")
    fields = {field["name"]: field for field in ran.json["fields"]}
    assert (ran.code, ran.json["action"], ran.json["target"]) == (0, "vonage.route", "route")
    assert fields["route"]["required"] is True
    assert "CrmCallRouting" in fields["route"]["choices"]
    assert fields["name"]["max_length"] == 50
    assert (fields["loggedintimeout"]["least"], fields["loggedintimeout"]["most"]) == (0, 2_678_399)
    assert fields["interactiontype"]["choices"] == ["live", "chat", "nonlive"]
    parts = {part["name"]: part for part in fields["skills"]["fields"]}
    assert (parts["seconds"]["least"], parts["seconds"]["most"]) == (1, 2_678_399)


def test_the_schema_of_a_target_has_its_properties(vonage: Connection) -> None:
    ran = compose("sms", "--connection", "vcc-emea", "--schema", "--target", "SendSMS")
    fields = {field["name"]: field for field in ran.json["fields"]}
    assert fields["property:ToNum"]["required"] is True


# --- sending --------------------------------------------------------------------------------------


def test_sending_records_it_as_the_screen_does(run: Run, as_sam: Client, sam: Person, ccai: Connection) -> None:
    screen = Composer(as_sam, ccai)
    screen.post(screen.filled(), intent="send")
    ran = run("text", "--connection", "care-us", "--send", request={**json.loads(SEED_TEXT), "message": "Your parcel is here."})
    first, second = Dispatch.objects.order_by("pk")
    assert ran.code == 0
    assert ran.json["outcome"] == "queued"
    assert ran.json["dispatches"][0]["ref"] == second.ref
    assert first.command().values == second.command().values
    assert (second.source, second.created_by) == ("terminal", sam)
    assert second.give_up_at - second.created_at < first.give_up_at - first.created_at
    assert "does not support a second one" in ran.err
    assert "4155550100" not in ran.out


def test_several_interactions_become_several_dispatches_of_one_call(run: Run, sam: Person, vonage: Connection) -> None:
    body = {"requests": [{"route": "APIRouting", "externalid": str(number)} for number in range(3)]}
    ran = run("route", "--connection", "vcc-emea", "--send", request=body)
    rows = list(Dispatch.objects.order_by("position"))
    assert [row.ref for row in rows] == [one["ref"] for one in ran.json["dispatches"]]
    assert len({row.call_group for row in rows}) == 1
    assert rows[0].call_group
    assert not any(row.key_by_hand for row in rows)


def test_a_key_taken_names_the_earlier_dispatch(run: Run, sam: Person, vonage: Connection) -> None:
    fields = {**FILLED["vonage"], "requestid": "mine"}
    run("route", "--connection", "vcc-emea", "--send", fields=fields)
    ran = run("route", "--connection", "vcc-emea", "--send", fields=fields)
    assert ran.code == 64
    assert f"“mine” was already used on this connection, by {Dispatch.objects.get().ref}." in ran.err


def test_still_under_way_when_the_wait_ends(run: Run, sam: Person, vonage: Connection) -> None:
    ran = run("route", "--connection", "vcc-emea", "--send", "--wait", "0", fields=FILLED["vonage"])
    assert (ran.code, ran.json["outcome"]) == (75, "queued")


@pytest.mark.parametrize(
    ("states", "outcome", "code"),
    [
        (["accepted", "accepted"], "accepted", 0),
        (["accepted", "rejected"], "rejected", 1),
        (["not_sent", "accepted"], "not_sent", 1),
        (["cancelled", "accepted"], "cancelled", 1),
        (["rejected", "in_doubt"], "in_doubt", 2),
        (["in_doubt", "waiting"], "waiting", 75),
    ],
)
def test_the_outcome_of_several(states: list[str], outcome: str, code: int, sam: Person, vonage: Connection) -> None:
    rows = [factories.dispatch(vonage, sam, state=state, references={"external_id": "7"}) for state in states]
    out = io.StringIO()
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        Command(stdout=out).tell(rows, waited=True)
    told = json.loads(out.getvalue())
    assert told["outcome"] == outcome
    assert [one["state"] for one in told["dispatches"]] == states
    assert told["dispatches"][0]["references"] == {"external_id": ["7"]}
    if ended:
        assert ended.value.code == code
    Command(stdout=out).tell(rows, waited=False)
