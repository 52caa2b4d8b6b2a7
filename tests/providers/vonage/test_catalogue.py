"""The catalogue's forms, and the registration that saving a provider performs."""

from __future__ import annotations

from typing import Any

import pytest

from providers.fields import flat
from providers.types import Item
from providers.vonage import PROVIDER
from tests.providers.contract import Fields
from tests.providers.vonage.desk import command, errors, form, row_errors
from tests.providers.vonage.samples import ACCOUNT

ENDPOINT = "https://crm.example.com/vcc"


def item_errors(kind: str, fields: Fields) -> dict[str, str]:
    made = PROVIDER.kind(kind).form(flat(fields), account=ACCOUNT)
    made.is_valid()
    return {name: str(texts[0]) for name, texts in made.errors.items()} | row_errors(made)


def item(kind: str, fields: Fields) -> Item:
    assert item_errors(kind, fields) == {}
    made = PROVIDER.kind(kind).form(flat(fields), account=ACCOUNT)
    made.is_valid()
    return made.item()


def declared(**row: Any) -> dict[str, Any]:
    return {"key": "SendSMS", "properties": [{"key": "ToNum", **row}]}


class TestRoutes:
    def test_what_is_empty_is_absent(self) -> None:
        assert item("route", {"key": "APIRouting", "properties": [{"key": "", "kind": "phone"}]}) == Item("APIRouting")
        assert item("route", declared(kind="")).data == {"properties": [{"key": "ToNum", "kind": "text"}]}

    def test_everything(self) -> None:
        row = {"label": "To", "kind": "choice", "choices": "a, b", "required": True, "default": "b"}
        made = item("route", {**declared(**row), "label": "Text", "description": "Sends it"})
        assert made == Item("SendSMS", "Text", {"description": "Sends it", "properties": [{"key": "ToNum", **row}]})

    @pytest.mark.parametrize(
        ("row", "part", "error"),
        [
            ({"kind": "choice"}, "choices", "A choice needs its values, with commas between."),
            ({"kind": "choice", "choices": " , "}, "choices", "A choice needs its values, with commas between."),
            ({"kind": "text", "choices": "a, b"}, "choices", "Only a property of the kind “Choice” has choices."),
            (
                {"kind": "choice", "choices": "a, b", "default": "c"},
                "default",
                "Select a valid choice. c is not one of the available choices.",
            ),
            (
                {"kind": "phone", "default": "call me"},
                "default",
                "A telephone number has only digits, spaces and + ( ) - . /, like 07700 900658 or +44 7700 900658.",
            ),
            ({"kind": "country", "default": "UK"}, "default", "“UK” is not an ISO 3166 three-letter country code, like GBR."),
            ({"kind": "colour"}, "kind", "Select a valid choice. colour is not one of the available choices."),
        ],
    )
    def test_a_property_that_makes_no_sense(self, row: dict[str, Any], part: str, error: str) -> None:
        assert item_errors("route", declared(**row)) == {"properties": "Row 1 needs attention.", f"properties-0-{part}": error}

    @pytest.mark.parametrize(("kind", "default"), [("phone", "07700 900658"), ("country", "GBR"), ("text", "x"), ("lines", "x")])
    def test_a_default_that_does(self, kind: str, default: str) -> None:
        assert item_errors("route", declared(kind=kind, default=default)) == {}

    def test_a_property_stands_there_once(self) -> None:
        found = item_errors("route", {"key": "X", "properties": [{"key": "A"}, {"key": "a"}, {"key": "A"}]})
        assert found == {"properties": "The property “A” is here twice.", "properties-2-key": "The property “A” is here twice."}

    def test_a_key_with_a_space_gets_the_vendors_warning(self) -> None:
        made = PROVIDER.kind("route").form(
            flat({"key": "X", "properties": [{"key": "Customer Mobile"}, {"key": "Plain"}]}), account=ACCOUNT
        )
        assert made.is_valid()
        (caution,) = made.cautions()
        assert caution.field == "properties"
        assert "“Customer Mobile” has a space in it." in str(caution.text)

    def test_names_have_two_hundred_characters(self) -> None:
        for kind in ("route", "skill", "agent", "registered_provider"):
            assert item_errors(kind, {"key": "x" * 200}) == {}
            assert item_errors(kind, {"key": "x" * 201}) == {"key": "Ensure this value has at most 200 characters (it has 201)."}
            assert item_errors(kind, {}) == {"key": "This field is required."}


def test_a_user_name_with_a_space_gets_a_warning() -> None:
    made = PROVIDER.kind("agent").form({"key": "A Gent"}, account=ACCOUNT)
    assert made.is_valid()
    assert [caution.field for caution in made.cautions()] == ["key"]


class TestRegisteredProviders:
    FIELDS: Fields = {"key": "Crm", "endpoint": ENDPOINT, "headers": [{"name": "Authorization", "value": "Bearer 3f2a9"}], "release": True}

    def test_header_values_are_not_kept(self) -> None:
        made = item("registered_provider", self.FIELDS)
        assert made.data["headers"] == [{"name": "Authorization"}]
        assert "3f2a9" not in repr(made)

    def test_the_action_takes_the_same_data(self) -> None:
        assert command("register", self.FIELDS).values == {
            "provider": "Crm",
            "endpoint": ENDPOINT,
            "headers": {"Authorization": "Bearer 3f2a9"},
            "agentactionspermitted": {"release": 1, "hold": 0, "transferToAgent": 0, "transferToRoute": 0},
        }

    def test_saving_again_asks_for_the_values_again(self) -> None:
        kept = item("registered_provider", self.FIELDS)
        again = dict(PROVIDER.kind("registered_provider").form.fields_of(kept))
        posted = {**again, "headers": [{"name": "Authorization", "value": ""}]}
        text = "Give the header's value. It is not kept here, so it is needed each time."
        assert item_errors("registered_provider", posted)["headers-0-value"] == text
        assert errors("register", posted)["headers-0-value"] == text

    def test_an_exported_item_is_an_item_but_no_registration(self) -> None:
        """An export has the names alone: the item comes back, and registering it asks for the values."""
        exported = PROVIDER.kind("registered_provider").form.fields_of(item("registered_provider", self.FIELDS))
        assert item("registered_provider", exported) == item("registered_provider", self.FIELDS)
        assert "headers" in errors("register", exported)

    @pytest.mark.parametrize(
        "endpoint",
        ["http://crm.example.com", "https://", "crm.example.com", "javascript:alert(1)", "ftp://crm.example.com", "https://a b.example"],
    )
    def test_an_endpoint_is_an_https_address(self, endpoint: str) -> None:
        assert errors("register", {"key": "Crm", "endpoint": endpoint}) == {
            "endpoint": "The endpoint must be an https address, like https://crm.example.com/vcc."
        }

    def test_an_endpoint_holds_no_password(self) -> None:
        assert errors("register", {"key": "Crm", "endpoint": "https://user:pass@crm.example.com"}) == {
            "endpoint": "The endpoint must not hold a user name or password; give them in an Authorization header."
        }

    @pytest.mark.parametrize(
        "host",
        ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.1.2.3", "2130706433", "0x7f.1", "crm", "crm.local", "a.internal."],
    )
    def test_an_endpoint_can_be_reached_from_the_internet(self, host: str) -> None:
        assert errors("register", {"key": "Crm", "endpoint": f"https://{host}/vcc"}) == {
            "endpoint": "VCC calls the endpoint over the Internet, where this host cannot be reached."
        }

    def test_an_international_name_is_written_in_ascii(self) -> None:
        assert errors("register", {"key": "Crm", "endpoint": "https://bücher.example/vcc"}) == {
            "endpoint": "The endpoint has letters outside ASCII; write an international name as xn--…."
        }
        assert errors("register", {"key": "Crm", "endpoint": "https://xn--bcher-kva.example/vcc"}) == {}

    @pytest.mark.parametrize(
        ("name", "value", "part", "error"),
        [
            ("Bad Header", "x", "name", "A header's name has letters, digits and hyphens, like X-Api-Key."),
            ("X:", "x", "name", "A header's name has letters, digits and hyphens, like X-Api-Key."),
            ("Host", "x", "name", "VCC sets Host itself, for each of its calls; take it out."),
            ("transfer-encoding", "x", "name", "VCC sets transfer-encoding itself, for each of its calls; take it out."),
            ("", "x", "name", "Name the header, or remove this row."),
            ("X-Key", "", "value", "Give the header's value. It is not kept here, so it is needed each time."),
            ("X-Key", "schlüssel", "value", "A header's value has only printable ASCII characters."),
            ("X-Key", "a\r\nX-Other: b", "value", "This has a line break; it must be one line."),
            ("authorization", "3f2a9", "value", "Authorization must read “<type> <credentials>”, like “Bearer 3f2a…”."),
            ("Authorization", "Bearer", "value", "Authorization must read “<type> <credentials>”, like “Bearer 3f2a…”."),
        ],
    )
    def test_a_header_that_http_does_not_allow(self, name: str, value: str, part: str, error: str) -> None:
        found = errors("register", {"key": "Crm", "endpoint": ENDPOINT, "headers": [{"name": name, "value": value}]})
        assert found[f"headers-0-{part}"] == error

    @pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Bearer x", "Token a=b, c=d"])
    def test_authorization_has_a_type_and_credentials(self, value: str) -> None:
        assert errors("register", {"key": "Crm", "endpoint": ENDPOINT, "headers": [{"name": "Authorization", "value": value}]}) == {}

    def test_a_header_stands_there_once_and_needs_an_endpoint(self) -> None:
        twins = [{"name": "X-Key", "value": "1"}, {"name": "x-key", "value": "2"}]
        assert (
            errors("register", {"key": "Crm", "endpoint": ENDPOINT, "headers": twins})["headers-1-name"]
            == "The header “x-key” is here twice."
        )
        assert errors("register", {"key": "Crm", "headers": twins[:1]}) == {
            "endpoint": "Headers go with calls to an endpoint: give its address, or remove the headers."
        }

    def test_values_are_typed_unseen(self) -> None:
        (row,) = form("register", self.FIELDS)["headers"].rows  # type: ignore[attr-defined]
        assert 'type="password"' in str(row["value"])
