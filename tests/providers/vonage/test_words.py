"""Commands in words."""

from __future__ import annotations

import pytest

from providers.redact import HIDDEN, hide, mask_personal
from providers.types import Draft, Summary
from providers.vonage import PROVIDER
from providers.vonage.words import duration, is_number
from tests.providers.contract import Fields
from tests.providers.vonage.desk import command
from tests.providers.vonage.samples import ACCOUNT, FULL_ROUTE, SAMPLES


def summary(action: str, fields: Fields) -> Summary:
    return PROVIDER.action(action).summarise(command(action, fields))


class TestRoute:
    def test_everything(self) -> None:
        told = summary("route", FULL_ROUTE)
        assert told.sentence == (
            "Route Case Friendly Name through APIRouting to an agent with skillMandatory as a non-live interaction; "
            "insist on skillExpiring for 1 minute; prefer skillOptional. "
            "Offer it to AgentUsername first: for 20 seconds while signed in, for 30 seconds while signed out. "
            "The registered provider is ProviderName. The plan gets the properties Priority and Callback +44 7700 ••• 658."
        )
        assert (told.target, told.detail) == ("APIRouting", "40a4b50f")
        assert told.references == (("request_id", command("route", FULL_ROUTE).key), ("external_id", "40a4b50f"))
        assert told.personal == ("+44 7700 900658",)

    def test_next_to_nothing(self) -> None:
        told = summary("route", {"route": "APIRouting"})
        assert told.sentence == "Route an interaction through APIRouting."
        assert (told.target, told.detail, told.personal) == ("APIRouting", "", ())

    def test_a_caller_who_is_a_number_is_masked(self) -> None:
        told = summary("route", {"route": "APIRouting", "clid": "+44123456789", "externalid": "+44 7700 900658"})
        assert told.personal == ("+44123456789",)
        assert "123456789" not in told.sentence
        assert "7700 900658" not in told.detail


class TestOthers:
    def test_an_sms(self) -> None:
        told = summary("sms", SAMPLES["sms"]["least"])
        assert told.sentence == "Run the plan of SendSMS, which sends an SMS. The plan gets the properties ToNum ••••••••658 and Message."
        assert told.personal == ("07700936658",)
        assert told.detail.startswith("ToNum ")
        assert "936658" not in told.detail
        assert "Hello!" not in f"{told.sentence}{told.detail}"

    def test_a_release(self) -> None:
        told = summary("release", SAMPLES["release"]["full"])
        assert told.sentence == (
            "Release the interaction ObjectId_001: it leaves the queue, or ends for the agent who has it. "
            "The registered provider is CrmIntegration."
        )
        assert (told.target, told.detail) == ("ObjectId_001", "CrmIntegration")

    def test_a_registration(self) -> None:
        told = summary("register", SAMPLES["register"]["full"])
        assert told.sentence == (
            "Register the provider CrmIntegration. VCC reports to https://crm.example.com/vcc?tenant=7. "
            "Each report carries the headers Authorization and X-Tenant. Agents may use release, hold and transferToAgent."
        )
        assert told.secrets == ("Bearer 3f2a-not-for-eyes", 'seven "7" \\')
        assert summary("register", {"key": "Crm"}).sentence == "Register the provider Crm. Agents may do none of the four actions."

    def test_shown_bodies_hold_neither_numbers_nor_secrets(self) -> None:
        for action in SAMPLES:
            made = command(action, SAMPLES[action]["full"])
            told = PROVIDER.action(action).summarise(made)
            shown = mask_personal(hide(PROVIDER.build(ACCOUNT, [made]).body.decode(), told.secrets), told.personal)
            assert "3f2a-not-for-eyes" not in shown
            assert "seven" not in shown
            assert "7700900658" not in shown.replace(" ", "")
            assert (HIDDEN in shown) == (action == "register")


class TestTheWayBack:
    def test_a_dispatch_with_an_external_id_can_be_released(self) -> None:
        assert PROVIDER.undo is not None
        assert PROVIDER.undo(command("route", FULL_ROUTE)) == Draft("release", {"externalid": "40a4b50f", "provider": "ProviderName"})
        assert PROVIDER.undo(command("sms", SAMPLES["sms"]["full"])) == Draft("release", {"externalid": "ticket-7"})

    @pytest.mark.parametrize(("action", "name"), [("route", "least"), ("sms", "least"), ("release", "full"), ("register", "full")])
    def test_nothing_else_can(self, action: str, name: str) -> None:
        assert PROVIDER.undo is not None
        assert PROVIDER.undo(command(action, SAMPLES[action][name])) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (7_200, "2 hours"),
        (86_400, "1 day"),
        (2_678_399, "2,678,399 seconds"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44123456789", True),
        ("0654321", True),
        ("(0)20 7946 0018", False),
        ("020 7946-0018", True),
        ("40a4b50f", False),
        ("123456", False),
        ("1" * 16, False),
    ],
)
def test_what_looks_like_a_number(text: str, number: bool) -> None:
    assert is_number(text) is number
