"""The emulated VCC over real sockets: what invoke and register do.

Requests are built, authorised, sent and read by the product's own code; only broken ones are made by hand.
"""

from __future__ import annotations

from typing import Any

import pytest

from providers.sandbox.server import Sandbox
from providers.types import Command, Verdict
from tests.providers.vonage.commands import dispatch, release
from tests.providers.vonage.desk import command
from tests.providers.vonage.samples import FULL_ROUTE, SAMPLES
from tests.providers.vonage.wire import TEXT, Desk, request, verdicts


class TestDispatching:
    def test_the_full_example(self, desk: Desk) -> None:
        form_values = {name: value for name, value in FULL_ROUTE.items() if name != "extra"}
        made = command("route", form_values)
        assert verdicts(desk.send(made)) == {made.key: Verdict.ACCEPTED}
        (effect,) = desk.box.ledger.effects("vonage")
        assert (effect.kind, effect.key) == ("interaction", made.key)
        assert effect.detail["provider"] == "ProviderName"
        assert effect.detail["routingdata"]["skills"][1] == {"name": "skillExpiring", "expiryafter": 60}

    def test_an_sms_plan_texts(self, desk: Desk) -> None:
        assert desk.invoke({"requestid": "1", "route": "SendSMS", "linkeddata": TEXT}) == []
        (effect,) = desk.box.ledger.effects("vonage")
        assert (effect.kind, effect.recipients, effect.detail["words"]) == ("sms", ("07700936658",), "Hello!")

    def test_another_plan_makes_the_words(self, desk: Desk) -> None:
        linked = [
            {"type": "interactionproperty", "key": "CustomerMobile", "value": "01234567890, 01234567891"},
            {"type": "interactionproperty", "key": "ContactName", "value": "Joe Bloggs"},
        ]
        assert desk.invoke({"requestid": "1", "route": "Send SMS", "linkeddata": linked}) == []
        (effect,) = desk.box.ledger.effects("vonage")
        assert (effect.recipients, effect.detail["words"]) == (("01234567890", "01234567891"), "Message from Joe Bloggs")

    @pytest.mark.parametrize(
        "linked",
        [TEXT[1:], [*TEXT, {"type": "interactionproperty", "key": "FromNum", "value": "TwelveLetter"}]],
        ids=["no number", "long sender"],
    )
    def test_a_plan_that_cannot_text_does_not_say_so(self, desk: Desk, linked: list[dict[str, str]]) -> None:
        assert desk.invoke({"requestid": "1", "route": "SendSMS", "linkeddata": linked}) == []
        assert desk.box.ledger.effects("vonage")[0].kind == "interaction"

    def test_names_in_any_letter_case(self, desk: Desk) -> None:
        item = {
            "requestId": "1",
            "ExternalId": "x",
            "Route": "APIRouting",
            "RoutingData": {
                "Skills": [{"Name": "BILLING"}],
                "PersonalQueue": {"Agent": "AGENTUSERNAME", "LoggedInTimeout": 1, "LoggedOutTimeout": 1},
            },
        }
        assert desk.invoke(item) == []
        assert desk.effects() == ["1"]

    def test_the_legacy_type_is_taken(self, desk: Desk) -> None:
        assert desk.invoke(request(linkeddata=[{"type": "object", "owner": "Crm", "key": "Contact", "value": "500ea"}])) == []

    def test_only_those_that_fail_are_listed(self, desk: Desk) -> None:
        reading = desk.send(dispatch(1), Command("route", "id-2", {"action": "dispatch", "route": "Nowhere"}), dispatch(3))
        assert verdicts(reading) == {"id-1": Verdict.ACCEPTED, "id-2": Verdict.REJECTED, "id-3": Verdict.ACCEPTED}
        assert desk.effects() == ["id-1", "id-3"]

    def test_a_failure_without_a_request_id_cannot_be_told(self, desk: Desk) -> None:
        assert desk.invoke({"route": "Nowhere"}) == []
        assert desk.effects() == []

    @pytest.mark.parametrize(
        ("name", "item"),
        [
            ("unknown_route", {"requestid": "1", "route": "Nowhere"}),
            ("unknown_skill", request(routingdata={"skills": [{"name": "Juggling"}]})),
            ("unknown_agent", request(routingdata={"personalqueue": {"agent": "nobody", "loggedintimeout": 1, "loggedouttimeout": 1}})),
        ],
    )
    def test_what_vcc_does_not_know(self, desk: Desk, name: str, item: dict[str, Any]) -> None:
        assert desk.invoke(item) == ["1"]
        desk.change(name, "refused")
        assert desk.invoke(item) == 400
        assert desk.effects() == []
        desk.change(name, "accepted")
        assert desk.invoke(item) == []

    def test_a_provider_that_is_not_registered(self, desk: Desk) -> None:
        assert desk.invoke(request(), provider="Stranger") == ["1"]
        assert desk.post("/interactions/register", {"provider": "Stranger"}).status == 200
        assert desk.invoke(request(), provider="Stranger") == []


class TestRepeats:
    def test_a_request_id_is_processed_once(self, desk: Desk) -> None:
        first, again = desk.send(dispatch(1)), desk.send(dispatch(1))
        assert verdicts(first) == verdicts(again) == {"id-1": Verdict.ACCEPTED}
        assert desk.effects() == ["id-1"]

    def test_within_one_call_too(self, desk: Desk) -> None:
        assert desk.invoke(request("1"), request("1"), request("2")) == []
        assert desk.effects() == ["1", "2"]

    def test_a_repeat_may_be_listed_as_failed(self, desk: Desk) -> None:
        desk.change("duplicate", "failed")
        assert desk.invoke(request()) == []
        assert desk.invoke(request()) == ["1"]
        assert desk.effects() == ["1"]

    def test_what_failed_may_be_sent_again(self, desk: Desk) -> None:
        assert desk.invoke({"requestid": "1", "route": "Nowhere"}) == ["1"]
        assert desk.invoke(request("1")) == []

    def test_without_a_request_id_nothing_is_the_same(self, desk: Desk) -> None:
        assert desk.invoke({"route": "APIRouting"}, {"route": "APIRouting"}) == []
        assert len(desk.effects()) == 2

    def test_the_ledger_outlives_the_emulator(self, tmp_path: Any) -> None:
        for _run in range(2):
            with Sandbox(ledger_file=tmp_path / "ledger") as box:
                desk = Desk(box)
                assert desk.invoke(request(externalid="x"), request("2", externalid="y")) == []
                assert desk.effects() == ["1", "2"]
                desk.transport.close()
        with Sandbox(ledger_file=tmp_path / "ledger") as box:
            desk = Desk(box)
            assert verdicts(desk.send(release("3"))) == {"3": Verdict.ACCEPTED}
            desk.transport.close()


class TestReleases:
    def test_what_was_dispatched_is_released_once(self, desk: Desk) -> None:
        assert desk.invoke(request(externalid="x")) == []
        assert verdicts(desk.send(release("2"))) == {"2": Verdict.ACCEPTED}
        assert verdicts(desk.send(release("3"))) == {"3": Verdict.REJECTED}
        assert desk.effects("release") == ["2"]

    def test_what_was_never_dispatched_is_not(self, desk: Desk) -> None:
        assert verdicts(desk.send(release("1"))) == {"1": Verdict.REJECTED}
        desk.change("unknown_release", "accepted")
        assert verdicts(desk.send(release("2"))) == {"2": Verdict.ACCEPTED}

    def test_a_provider_is_mandatory_when_it_was_dispatched_with_one(self, desk: Desk) -> None:
        assert desk.invoke(request(externalid="x"), provider="CrmIntegration") == []
        assert verdicts(desk.send(release("2"))) == {"2": Verdict.REJECTED}
        assert verdicts(desk.send(release("3", "ProviderName"))) == {"3": Verdict.REJECTED}
        assert verdicts(desk.send(release("4", "CrmIntegration"))) == {"4": Verdict.ACCEPTED}

    def test_a_text_cannot_be_taken_back(self, desk: Desk) -> None:
        assert desk.invoke({"requestid": "1", "externalid": "x", "route": "SendSMS", "linkeddata": TEXT}) == []
        assert verdicts(desk.send(release("2"))) == {"2": Verdict.REJECTED}


class TestMalformed:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[" * 100_000,
            b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
            {},
            [],
            {"requests": []},
            {"requests": {}},
            {"requests": [7]},
            {"requests": [{}]},
            {"requests": [request(action="hold")]},
            {"requests": [request(route="")]},
            {"requests": [{"action": "release"}]},
            {"requests": [request(requestid=7)]},
            {"requests": [request()], "provider": 7},
            {"requests": [request(linkeddata={})]},
            {"requests": [request(linkeddata=[{"type": "clid"}])]},
            {"requests": [request(linkeddata=[{"type": "clid", "value": "x" * 51}])]},
            {"requests": [request(linkeddata=[{"type": "shape", "value": "x"}])]},
            {"requests": [request(routingdata={"interactiontype": "dead"})]},
            {"requests": [request(routingdata={"skills": [{"name": "Billing", "expiryafter": 2_678_400}]})]},
            {"requests": [request(routingdata={"personalqueue": {"agent": "AgentUsername"}})]},
        ],
        ids=lambda body: str(body)[:60],
    )
    def test_the_whole_call_is_refused(self, desk: Desk, body: Any) -> None:
        assert desk.post("/interactions/invoke", body).status == 400
        assert desk.effects() == []

    def test_or_the_faulty_interaction_is_listed(self, desk: Desk) -> None:
        desk.change("faulty_interaction", "failed")
        assert desk.invoke(request("1", linkeddata=[{"type": "clid"}]), request("2"), {"requestid": "3"}) == ["1", "3"]
        assert desk.effects() == ["2"]


class TestRegistering:
    def test_the_full_example(self, desk: Desk) -> None:
        made = command("register", SAMPLES["register"]["full"])
        assert verdicts(desk.send(made)) == {made.key: Verdict.ACCEPTED}
        (effect,) = desk.box.ledger.effects("vonage", kind="register")
        assert effect.key == "CrmIntegration"
        assert effect.detail["headers"] == ["Authorization", "X-Tenant"]
        assert "3f2a" not in repr(effect)

    @pytest.mark.parametrize("status", [200, 201, 204])
    def test_any_success_is_one(self, desk: Desk, status: int) -> None:
        desk.change("register_status", status)
        assert set(verdicts(desk.send(command("register", {"key": "Crm"}))).values()) == {Verdict.ACCEPTED}

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            [],
            {},
            {"provider": ""},
            {"provider": "Crm", "endpoint": "http://crm.example.com"},
            {"provider": "Crm", "headers": []},
            {"provider": "Crm", "headers": {"Authorization": "3f2a"}},
            {"provider": "Crm", "agentactionspermitted": {"fire": 1}},
            {"provider": "Crm", "agentactionspermitted": {"hold": 2}},
        ],
        ids=str,
    )
    def test_what_is_wrong_is_refused(self, desk: Desk, body: Any) -> None:
        assert desk.post("/interactions/register", body).status == 400
        assert desk.effects() == []
