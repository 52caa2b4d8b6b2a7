"""The exact request, and what travels together."""

from __future__ import annotations

import dataclasses
import json

import pytest

from providers.errors import NotConfigured
from providers.types import Account, Command
from providers.vonage import PROVIDER
from providers.vonage.payload import MOST_BYTES, MOST_COMMANDS
from tests.providers.vonage.commands import dispatch, register, release
from tests.providers.vonage.desk import body, command, sent
from tests.providers.vonage.samples import ACCOUNT, FULL_ROUTE, SAMPLES


class TestBody:
    def test_properties_stand_in_the_order_of_the_vendors_example(self) -> None:
        (request,) = body(command("route", FULL_ROUTE))["requests"]
        assert list(request) == ["action", "requestid", "externalid", "route", "linkeddata", "routingdata"]
        assert [item["type"] for item in request["linkeddata"]] == [
            "clid",
            "url",
            "name",
            "mediatype",
            "interactionproperty",
            "interactionproperty",
        ]
        assert list(request["routingdata"]) == ["interactiontype", "personalqueue", "skills"]
        assert list(request["routingdata"]["personalqueue"]) == ["agent", "loggedintimeout", "loggedouttimeout"]

    def test_the_provider_stands_beside_the_requests(self) -> None:
        whole = body(dispatch(1, provider="Crm"), release("id-2", "Crm"))
        assert list(whole) == ["provider", "requests"]
        assert whole["provider"] == "Crm"
        assert not any("provider" in request for request in whole["requests"])
        assert list(body(dispatch())) == ["requests"]

    def test_default_omits_options(self) -> None:
        assert sent("route", {"route": "APIRouting"}).keys() == {"action", "requestid", "route"}
        assert sent("release", {"externalid": "x"}).keys() == {"action", "requestid", "externalid"}
        assert body(command("register", {"key": "Crm"})) == {
            "provider": "Crm",
            "agentactionspermitted": {"release": 0, "hold": 0, "transferToAgent": 0, "transferToRoute": 0},
        }

    def test_text_is_utf_8(self) -> None:
        request = PROVIDER.build(ACCOUNT, [dispatch(text="Grüße 👋\n“7”\\")])
        assert "Grüße 👋\\n“7”\\\\".encode() in request.body
        assert json.loads(request.body)["requests"][0]["linkeddata"][0]["value"] == "Grüße 👋\n“7”\\"

    def test_a_registration_says_everything(self) -> None:
        assert body(command("register", SAMPLES["register"]["full"])) == {
            "provider": "CrmIntegration",
            "endpoint": "https://crm.example.com/vcc?tenant=7",
            "headers": {"Authorization": "Bearer 3f2a-not-for-eyes", "X-Tenant": 'seven "7" \\'},
            "agentactionspermitted": {"release": 1, "hold": 1, "transferToAgent": 1, "transferToRoute": 0},
        }


class TestAddresses:
    @pytest.mark.parametrize("region", ["emea", "nam", "apac"])
    def test_regions(self, region: str) -> None:
        account = Account("vonage", "x", {"region": region, "api_url": "https://ignored.example"})
        assert PROVIDER.endpoints(account) == (
            f"https://{region}.api.newvoicemedia.com/interactions/invoke",
            f"https://{region}.api.newvoicemedia.com/interactions/register",
            f"https://{region}.cc.vonage.com/Auth/connect/token",
        )

    def test_own_addresses(self) -> None:
        settings = {
            "region": "custom",
            "api_url": "https://emea.api.cc.vonage.com/",
            "token_url": "https://emea.cc.vonage.com/Auth/connect/token",
        }
        account = Account("vonage", "x", settings)
        assert PROVIDER.build(account, [dispatch()]).url == "https://emea.api.cc.vonage.com/interactions/invoke"
        assert PROVIDER.build(account, [register("k")]).url == "https://emea.api.cc.vonage.com/interactions/register"

    @pytest.mark.parametrize("options", [{}, {"region": "custom"}, {"region": "mars"}])
    def test_an_account_without_one_says_so(self, options: dict[str, str]) -> None:
        with pytest.raises(NotConfigured, match=r"The connection “vcc” has no region and no address of its own\."):
            PROVIDER.build(Account("vonage", "vcc", options), [dispatch()])


class TestPack:
    def pack(self, *commands: Command) -> int:
        return PROVIDER.pack(ACCOUNT, commands)

    def test_dispatches_and_releases_travel_together(self) -> None:
        assert self.pack(dispatch(1), release("id-2"), dispatch(3)) == 3

    def test_at_most_fifty(self) -> None:
        assert MOST_COMMANDS == 50
        assert self.pack(*map(dispatch, range(50))) == 50
        assert self.pack(*map(dispatch, range(51))) == 50

    def test_one_registered_provider_in_a_call(self) -> None:
        assert self.pack(dispatch(1, provider="A"), dispatch(2, provider="A"), dispatch(3, provider="B")) == 2
        assert self.pack(dispatch(1), dispatch(2, provider="A")) == 1
        assert self.pack(dispatch(1, provider="A"), dispatch(2)) == 1

    @pytest.mark.parametrize("twin", ["id-1", "ID-1", " id-1"])
    def test_no_request_id_twice_in_a_call(self, twin: str) -> None:
        assert self.pack(dispatch(1), dispatch(2), dispatch(3, key=twin)) == 2
        assert self.pack(dispatch(1), release(twin)) == 1

    def test_a_registration_travels_alone(self) -> None:
        assert self.pack(register("a"), register("b")) == 1
        assert self.pack(dispatch(1), register("a")) == 1

    @pytest.mark.parametrize("spare", [-1, 0, 1])
    def test_a_call_has_at_most_a_hundred_thousand_bytes(self, spare: int) -> None:
        assert MOST_BYTES == PROVIDER.limits.max_body == 100_000
        first = dispatch(1, text="ü" * 20_000)
        room = MOST_BYTES - len(PROVIDER.build(ACCOUNT, [first, dispatch(2, text="")]).body)
        commands = [first, dispatch(2, text="x" * (room + spare))]
        assert self.pack(*commands) == (2 if spare <= 0 else 1)
        assert len(PROVIDER.build(ACCOUNT, commands).body) == MOST_BYTES + spare

    def test_one_that_is_too_large_travels_alone(self) -> None:
        assert self.pack(dispatch(1, text="x" * MOST_BYTES), dispatch(2)) == 1


def test_the_key_is_no_property_of_the_command() -> None:
    made = command("route", FULL_ROUTE)
    assert "requestid" not in made.values
    assert dataclasses.replace(made, key="other").values == made.values
