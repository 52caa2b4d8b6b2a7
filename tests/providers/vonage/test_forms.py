"""The composer's forms: every limit at, above and below, with the exact message; and what belongs together."""

from __future__ import annotations

from typing import Any

import pytest

from providers.fields import flat
from providers.vonage import PROVIDER
from providers.vonage.payload import suggest_key
from tests.providers.contract import REF, Fields
from tests.providers.vonage.desk import command, context, errors, form, sent

ROUTE: Fields = {"route": "APIRouting"}
QUEUE: Fields = {**ROUTE, "agent": "AgentUsername", "loggedintimeout": 20, "loggedouttimeout": 30}
HIGHEST = 2_678_399
TOO_HIGH = "At most 2,678,399 seconds (31 days)."
NEEDS_ALL = "A personal queue needs an agent and both times. Fill in all three, or none."


def skills(*rows: dict[str, Any]) -> dict[str, Any]:
    return {**ROUTE, "skills": list(rows)}


class TestLimits:
    @pytest.mark.parametrize("field", ["clid", "name", "mediatype"])
    def test_labels_have_fifty_characters(self, field: str) -> None:
        assert errors("route", {**ROUTE, field: "x" * 50}) == {}
        assert errors("route", {**ROUTE, field: "x" * 51}) == {field: "Ensure this value has at most 50 characters (it has 51)."}

    @pytest.mark.parametrize("field", ["loggedintimeout", "loggedouttimeout"])
    @pytest.mark.parametrize(
        ("seconds", "error"),
        [
            (0, ""),
            (HIGHEST, ""),
            (HIGHEST + 1, TOO_HIGH),
            (-1, "At least 0."),
            ("1.5", "Enter a whole number in digits 0–9."),
            ("٣", "Enter a whole number in digits 0–9."),
            ("9" * 19, "Enter a whole number in digits 0–9."),
        ],
    )
    def test_times_of_the_personal_queue(self, field: str, seconds: object, error: str) -> None:
        assert errors("route", {**QUEUE, field: seconds}) == ({field: error} if error else {})

    @pytest.mark.parametrize(
        ("seconds", "error"), [(1, ""), (HIGHEST, ""), (HIGHEST + 1, TOO_HIGH), (0, "At least 1."), (-5, "At least 1.")]
    )
    def test_seconds_of_an_expiring_skill(self, seconds: int, error: str) -> None:
        found = errors("route", skills({"name": "German", "mode": "expires", "seconds": seconds}))
        assert found == ({"skills": "Row 1 needs attention.", "skills-0-seconds": error} if error else {})

    @pytest.mark.parametrize(
        ("action", "field", "longest"),
        [
            ("route", "externalid", 200),
            ("route", "requestid", 200),
            ("route", "url_label", 200),
            ("release", "externalid", 200),
            ("release", "provider", 200),
        ],
    )
    def test_ids_have_two_hundred_characters(self, action: str, field: str, longest: int) -> None:
        least: Fields = ROUTE if action == "route" else {"externalid": "x"}
        assert errors(action, {**least, field: "x" * longest}) == {}
        assert errors(action, {**least, field: "x" * (longest + 1)}) == {
            field: f"Ensure this value has at most {longest} characters (it has {longest + 1})."
        }

    def test_rows_have_a_limit(self) -> None:
        rows = [{"name": f"skill {number}", "mode": "mandatory"} for number in range(101)]
        assert errors("route", skills(*rows[:100])) == {}
        assert errors("route", skills(*rows)) == {"skills": "At most 100 rows."}


class TestRoute:
    def test_it_is_required(self) -> None:
        assert errors("route", {}) == {"route": "Choose the named route."}

    def test_it_must_be_known(self) -> None:
        text = "The catalogue of this connection has no named route “Nowhere”. Choose one from the list or set it up first."
        assert errors("route", {"route": "Nowhere"}) == {"route": text}

    def test_it_must_not_be_archived(self) -> None:
        assert errors("sms", {"route": "Old route"}) == {
            "route": "The named route “Old route” is archived. Choose another or restore it first."
        }

    def test_it_is_spelt_as_in_the_catalogue(self) -> None:
        assert sent("route", {"route": "apirouting"})["route"] == "APIRouting"

    def test_its_description_stands_beside_it(self) -> None:
        assert str(form("route", ROUTE).fields["route"].help_text) == "Longest-waiting agent"
        assert str(form("route", {"route": "CrmCallRouting"}).fields["route"].help_text) == ""

    def test_a_provider_must_be_known_and_in_use(self) -> None:
        assert errors("route", {**ROUTE, "provider": "Nobody"})["provider"].startswith(
            "The catalogue of this connection has no registered provider “Nobody”."
        )
        assert errors("route", {**ROUTE, "provider": "OldCrm"}) == {
            "provider": "The registered provider “OldCrm” is archived. Choose another or restore it first."
        }

    def test_interaction_types(self) -> None:
        for kind in ("live", "chat", "nonlive"):
            assert sent("route", {**ROUTE, "interactiontype": kind})["routingdata"] == {"interactiontype": kind}
        assert "routingdata" not in sent("route", {**ROUTE, "interactiontype": ""})
        assert "interactiontype" in errors("route", {**ROUTE, "interactiontype": "dead"})


class TestSkills:
    def test_modes_become_expiries(self) -> None:
        rows: list[dict[str, Any]] = [
            {"name": "Billing"},
            {"name": "German", "mode": "expires", "seconds": 60},
            {"name": "VIP", "mode": "optional"},
        ]
        assert sent("route", skills(*rows))["routingdata"]["skills"] == [
            {"name": "Billing"},
            {"name": "German", "expiryafter": 60},
            {"name": "VIP", "expiryafter": 0},
        ]

    @pytest.mark.parametrize("mode", ["mandatory", "optional", ""])
    def test_only_expiring_ones_have_seconds(self, mode: str) -> None:
        found = errors("route", skills({"name": "German", "mode": mode, "seconds": 60}))
        assert found["skills-0-seconds"] == "Only a skill that expires has seconds: choose “Expires”, or clear this."

    def test_expiring_ones_need_seconds(self) -> None:
        found = errors("route", skills({"name": "German", "mode": "expires"}))
        assert found["skills-0-seconds"] == "Say for how many seconds the skill is required: 1 to 2,678,399 (31 days)."

    def test_one_stands_there_once_whatever_its_letter_case(self) -> None:
        found = errors("route", skills({"name": "Straße"}, {"name": "VIP"}, {"name": "STRASSE"}))
        assert found == {
            "skills": "The skill “STRASSE” is here twice; letter case makes no difference.",
            "skills-2-name": "The skill “STRASSE” is here twice; letter case makes no difference.",
        }

    def test_a_blank_row_is_left_out_and_a_nameless_one_refused(self) -> None:
        assert "routingdata" not in sent("route", skills({"name": " ", "mode": "expires"}))
        found = errors("route", skills({"name": "", "mode": "expires", "seconds": 5}))
        assert found["skills-0-name"] == "Name the skill, or remove this row."


class TestPersonalQueue:
    @pytest.mark.parametrize("missing", ["agent", "loggedintimeout", "loggedouttimeout"])
    def test_all_three_or_none(self, missing: str) -> None:
        assert errors("route", {name: value for name, value in QUEUE.items() if name != missing}) == {missing: NEEDS_ALL}
        only = {**ROUTE, missing: QUEUE[missing]}
        assert errors("route", only) == {name: NEEDS_ALL for name in ("agent", "loggedintimeout", "loggedouttimeout") if name != missing}

    def test_times_of_zero_are_times(self) -> None:
        queue = sent("route", {**QUEUE, "loggedintimeout": 0, "loggedouttimeout": 0})["routingdata"]["personalqueue"]
        assert queue == {"agent": "AgentUsername", "loggedintimeout": 0, "loggedouttimeout": 0}

    def test_what_is_missing_is_a_gap_and_not_a_fault(self) -> None:
        made = form("route", {**ROUTE, "agent": "x", "url": "https://vonage.com", "skills": [{"name": "x", "mode": "expires"}]})
        codes = {
            name: [error.code for error in made.errors[name].as_data()] for name in ("loggedintimeout", "loggedouttimeout", "url_label")
        }
        assert codes == {"loggedintimeout": ["required"], "loggedouttimeout": ["required"], "url_label": ["required"]}

    def test_a_wrong_time_is_not_called_missing_too(self) -> None:
        assert errors("route", {**QUEUE, "loggedintimeout": "soon"}) == {"loggedintimeout": "Enter a whole number in digits 0–9."}


class TestLink:
    BAD = "A link begins with http:// or https:// and a host, like https://example.com/cases/7."

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//example.com",
            "https://",
            "https:///path",
            "example.com",
            "http://[::1",
            "https://example.com:99999",
            "https://example.com\\@evil.example",
            "https://exa mple.com",
        ],
    )
    def test_others_than_web_addresses_are_refused(self, url: str) -> None:
        assert errors("route", {**ROUTE, "url": url, "url_label": "Case"}) == {"url": self.BAD}

    @pytest.mark.parametrize("url", ["https://vonage.com", "http://intranet/cases?id=7#top", "HTTPS://example.com"])
    def test_web_addresses_are_taken_as_typed(self, url: str) -> None:
        assert sent("route", {**ROUTE, "url": url, "url_label": "Case"})["linkeddata"] == [{"type": "url", "label": "Case", "value": url}]

    def test_it_needs_a_label_and_a_label_stands_alone(self) -> None:
        assert errors("route", {**ROUTE, "url": "https://vonage.com"}) == {
            "url_label": "A link needs a label: the words that the agent sees."
        }
        assert sent("route", {**ROUTE, "url_label": "Case"})["linkeddata"] == [{"type": "url", "label": "Case"}]

    def test_length(self) -> None:
        long = "https://vonage.com/" + "x" * 1_981
        assert errors("route", {**ROUTE, "url": long, "url_label": "Case"}) == {}
        assert "at most 2000 characters" in errors("route", {**ROUTE, "url": long + "x", "url_label": "Case"})["url"]


class TestIds:
    def test_a_form_starts_with_both(self) -> None:
        made = PROVIDER.action("route").form(None, context=context())
        assert made["requestid"].value() == suggest_key(REF)
        assert made["externalid"].value() == f"desk-{REF}"

    def test_an_sms_and_a_release_start_with_a_request_id_only(self) -> None:
        for action in ("sms", "release"):
            made = PROVIDER.action(action).form(None, context=context())
            assert made["requestid"].value() == suggest_key(REF)
            assert made["externalid"].value() is None

    @pytest.mark.parametrize(("action", "fields"), [("route", ROUTE), ("release", {"externalid": "x"})])
    def test_a_request_id_is_always_sent(self, action: str, fields: Fields) -> None:
        assert sent(action, {**fields, "requestid": ""})["requestid"] == suggest_key(REF)
        assert sent(action, {**fields, "requestid": "8762187187"})["requestid"] == "8762187187"

    def test_a_release_needs_an_external_id(self) -> None:
        assert errors("release", {"provider": "CrmIntegration"}) == {"externalid": "This field is required."}

    def test_a_release_takes_a_provider_that_the_catalogue_no_longer_offers(self) -> None:
        made = command("release", {"externalid": "x", "provider": "OldCrm"})
        assert made.values == {"provider": "OldCrm", "action": "release", "externalid": "x"}


class TestCautions:
    def test_nothing_to_say(self) -> None:
        assert form("route", {**ROUTE, "externalid": "7"}).cautions() == []
        assert form("release", {"externalid": "7"}).cautions() == []

    def test_no_external_id(self) -> None:
        (caution,) = form("route", ROUTE).cautions()
        assert (caution.field, str(caution.text)) == ("externalid", "Without an external ID this interaction can never be released.")

    @pytest.mark.parametrize(("action", "fields"), [("sms", ROUTE), ("release", {"externalid": "7"})])
    def test_a_request_id_set_by_hand(self, action: str, fields: Fields) -> None:
        (caution,) = form(action, {**fields, "requestid": "mine"}).cautions()
        assert caution.field == "requestid"
        assert str(caution.text).startswith("Set by hand:")

    def test_keys_with_spaces(self) -> None:
        fields = {
            "route": "Spaced",
            "property": {"Customer Mobile": "1"},
            "extra": [{"key": "Contact Name", "value": "Joe"}, {"key": "Plain", "value": "x"}],
        }
        cautions = form("sms", fields).cautions()
        assert [caution.field for caution in cautions] == ["property:Customer Mobile", "extra"]
        assert "“Contact Name” has a space in it." in str(cautions[1].text)
        assert "Data Connector" in str(cautions[1].text)


def test_the_route_alone_reshapes_a_form() -> None:
    assert PROVIDER.action("route").form.reshaped_by == {"route"}
    assert flat({"skills": [{"name": "Billing"}]}) == {"skills-0-name": "Billing"}
