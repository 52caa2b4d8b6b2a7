"""The fields that a named route declares for its interaction plan, and the further properties."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from providers.fields import BoundRows, TextField
from providers.vonage import PROVIDER
from tests.providers.contract import Fields
from tests.providers.vonage.desk import context, errors, form, sent

ROUTE: Fields = {"route": "APIRouting"}


class TestPlanProperties:
    def test_the_route_declares_fields(self) -> None:
        made = form("sms", {"route": "SendSMS"})
        assert [name for name in made.fields if name.startswith("property:")] == ["property:ToNum", "property:FromNum", "property:Message"]
        assert [made.fields[f"property:{key}"].label for key in ("ToNum", "FromNum", "Message")] == ["To", "From", "Message"]
        assert made["property:FromNum"].initial == "0654321"
        assert made.errors == {"property:ToNum": ["This field is required."], "property:Message": ["This field is required."]}
        assert made.all_groups()[-2].fields == ("property:ToNum", "property:FromNum", "property:Message", "extra")

    def test_a_route_without_any_has_further_ones_only(self) -> None:
        plan = form("sms", {"route": "APIRouting"}).all_groups()[-2]
        assert plan.fields == ("extra",)
        assert plan.folded

    def test_before_a_route_is_chosen_the_form_says_where_its_fields_will_stand(self) -> None:
        plan = form("sms", {}).all_groups()[-2]
        assert "Choose the named route" in str(plan.hint)
        assert not plan.folded

    def test_routes_that_take_a_number_stand_first_where_an_sms_is_sent(self) -> None:
        for action, first in (("sms", "Routes whose plan takes a telephone number"), ("route", "Routes")):
            listed = form(action, {}).fields["route"].widget.choices
            assert listed[1][0] == first
            keys = [key for key, _label in listed[1][1]]
            assert ("SendSMS" in keys, "APIRouting" in keys) == (action == "sms", action == "route")

    @pytest.mark.parametrize(
        ("number", "becomes"),
        [
            ("01234567890", "01234567890"),
            ("07700 936658", "07700936658"),
            ("(0)7700-936.658", "07700936658"),
            ("tel:07700\u2212936\u2014658", "07700936658"),
            ("\u202a07700\u200b936658\u202c", "07700936658"),
            ("+44 7700 936658", "+447700936658"),
            ("\uff0b44 7700 936658", "+447700936658"),
            ("0044 7700 936658", "+447700936658"),
        ],
    )
    def test_a_number_is_national_or_international(self, number: str, becomes: str) -> None:
        made = sent("sms", {"route": "Send SMS", "property": {"CustomerMobile": number, "CustomerCountry": "gbr"}})
        assert made["linkeddata"] == [
            {"type": "interactionproperty", "key": "CustomerMobile", "value": becomes},
            {"type": "interactionproperty", "key": "CustomerCountry", "value": "GBR"},
        ]

    @pytest.mark.parametrize("number", ["call me", "+44 12", "٠١٢٣٤٥٦٧٨٩", "07700\u2028936658", "12", "+1 415-555-0100 ext 7", "0" * 30])
    def test_what_is_no_number_is_refused(self, number: str) -> None:
        assert "property:CustomerMobile" in errors(
            "sms", {"route": "Send SMS", "property": {"CustomerMobile": number, "CustomerCountry": "GBR"}}
        )

    @pytest.mark.parametrize("country", ["GB", "XXX", "Britain"])
    def test_a_country_has_three_letters(self, country: str) -> None:
        found = errors("sms", {"route": "Send SMS", "property": {"CustomerMobile": "+447700936658", "CustomerCountry": country}})
        assert found == {"property:CustomerCountry": f"“{country.upper()}” is not an ISO 3166 three-letter country code, like GBR."}

    def test_a_choice_is_one_of_those_declared(self) -> None:
        fields = {"route": "Send SMS", "property": {"CustomerMobile": "+447700936658", "CustomerCountry": "GBR", "Tone": "rude"}}
        assert list(errors("sms", fields)) == ["property:Tone"]

    def test_a_declared_one_may_come_among_the_further_ones(self) -> None:
        rows = [{"key": "Closing", "value": "Bye"}, {"key": "ToNum", "value": "07700936658"}, {"key": "Message", "value": "Hello!"}]
        made = form("sms", {"route": "SendSMS", "extra": rows})
        assert made.errors == {}
        assert made["property:ToNum"].value() == "07700936658"
        extra = made["extra"]
        assert isinstance(extra, BoundRows)
        assert [row["key"].value() for row in extra.rows] == ["Closing"]

    def test_one_is_never_sent_twice(self) -> None:
        told = {"ToNum": "07700936658", "Message": "Hello!"}
        found = errors("sms", {"route": "SendSMS", "property": told, "extra": [{"key": "ToNum", "value": "07700936659"}]})
        assert found["extra-0-key"] == "The property “ToNum” is here twice."
        found = errors("route", {**ROUTE, "extra": [{"key": "A", "value": "1"}, {"key": "a", "value": "2"}, {"key": "A", "value": "3"}]})
        assert found == {"extra": "The property “A” is here twice.", "extra-2-key": "The property “A” is here twice."}

    def test_an_undeclared_one_is_refused_by_name(self) -> None:
        found = errors("route", {**ROUTE, "property": {"ToNum": "07700936658"}})
        assert found == {"__all__": "The named route “APIRouting” declares no property “ToNum”; give it under “Further properties”."}
        assert errors("route", {**ROUTE, "property": {"ToNum": " "}}) == {}

    @pytest.mark.parametrize(
        ("row", "part", "error"),
        [
            ({"key": "", "value": "x"}, "key", "Name the property, or remove this row."),
            ({"key": "x", "value": ""}, "value", "Give the property a value, or remove this row."),
            ({"key": "a\nb", "value": "x"}, "key", "This has a line break; it must be one line."),
            ({"key": "x", "value": "a\u202eb"}, "value", "This has a character that cannot be seen (U+202E); take it out."),
        ],
    )
    def test_further_ones_have_a_key_and_a_value(self, row: dict[str, str], part: str, error: str) -> None:
        assert errors("route", {**ROUTE, "extra": [row]})[f"extra-0-{part}"] == error

    def test_several_lines_stay_several_lines(self) -> None:
        made = sent("route", {**ROUTE, "extra": [{"key": "Message", "value": "Hello!\r\nBye."}]})
        assert made["linkeddata"] == [{"type": "interactionproperty", "key": "Message", "value": "Hello!\nBye."}]

    def test_only_an_sms_plan_counts_segments(self) -> None:
        counted = {action: form(action, {"route": "SendSMS"}).fields["property:Message"] for action in ("sms", "route")}
        assert isinstance(counted["sms"], TextField)
        assert isinstance(counted["route"], TextField)
        assert (counted["sms"].sms, counted["route"].sms) == (True, False)

    def test_posted_data_is_read_like_any_other(self) -> None:
        data = QueryDict("route=SendSMS&property:ToNum=07700936658&property:Message=Hi&extra-0-key=FromNum&extra-0-value=Vonage")
        made = PROVIDER.action("sms").form(data, context=context())
        assert made.is_valid(), made.errors
        assert made.cleaned_data["property:FromNum"] == "Vonage"

    def test_an_empty_form_is_filled_where_the_route_declares(self) -> None:
        initial = {"route": "SendSMS", "extra": [{"key": "ToNum", "value": "07700936658"}, {"key": "Closing", "value": "Bye"}]}
        made = PROVIDER.action("sms").form(None, context=context(), initial=initial)
        assert made["property:ToNum"].value() == "07700936658"
        assert made["property:FromNum"].value() == "0654321"
        assert made.initial["extra"] == [{"key": "Closing", "value": "Bye"}]
