"""The bases of all forms: rows, suggestions, the catalogue inside a form, items, and form data as it is posted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django import forms

from providers.fields import (
    ActionForm,
    BoundRows,
    FormContext,
    HeldCatalogue,
    InstantField,
    ItemChoiceField,
    ItemForm,
    PhoneField,
    RowForm,
    RowsField,
    SuggestField,
    TextField,
    WholeNumberField,
    flat,
    row_indexes,
)
from providers.types import Account, Item

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ACCOUNT = Account("toy", "toy-1", {}, country="GB")
ITEMS = {
    "colour": (Item("Red", "The red one"), Item("Old", archived=True), Item("Straße")),
    "agent": (Item("ada", "Ada"), Item("bob", archived=True)),
}


def context(**changes: Any) -> FormContext:
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "reference": "r",
        "zone": "Europe/London",
        "now": datetime(2026, 11, 20, tzinfo=UTC),
        "catalogue": HeldCatalogue(ITEMS),
    }
    return FormContext(**values | changes)


class ThingRow(RowForm):
    blank_when: ClassVar[tuple[str, ...]] = ("name", "count")
    name = TextField(max_length=5, label="Name")
    count = WholeNumberField(least=0, most=9, required=False, label="Count")
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], initial="a", required=False)
    agent = SuggestField("agent", required=False)


class ThingForm(ActionForm):
    colour = ItemChoiceField("colour", "colour", required=False, label="Colour")
    phone = PhoneField(required=False)
    when = InstantField(required=False)
    things = RowsField(ThingRow, most=3, label="Things")

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        return {"phone": f"+44 7700 900{context.reference}"}

    def shape(self) -> None:
        if self.chosen("colour") == "Red":
            self.fields["shade"] = TextField(required=False, label="Shade")


def thing(fields: Mapping[str, Any], **changes: Any) -> ThingForm:
    return ThingForm(flat(fields), context=context(**changes))


def rows_of(form: forms.BaseForm) -> BoundRows:
    bound = form["things"]
    assert isinstance(bound, BoundRows)
    return bound


class TestRows:
    def test_each_is_cleaned_on_its_own(self) -> None:
        form = thing({"things": [{"name": " x ", "count": "7"}, {"name": "y", "kind": "b"}]})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["things"] == [
            {"name": "x", "count": 7, "kind": "", "agent": ""},
            {"name": "y", "count": None, "kind": "b", "agent": ""},
        ]

    def test_none_is_an_empty_list(self) -> None:
        assert thing({}).is_valid()
        form = thing({})
        form.is_valid()
        assert form.cleaned_data["things"] == []

    def test_a_blank_one_is_left_out_and_has_no_errors(self) -> None:
        form = thing({"things": [{"name": "x"}, {"name": " ", "kind": "b"}, {"name": "toolong"}]})
        assert form.errors == {"things": ["Row 2 needs attention."]}
        assert [dict(row.errors) for row in rows_of(form).rows] == [
            {},
            {},
            {"name": ["Ensure this value has at most 5 characters (it has 7)."]},
        ]

    def test_errors_are_counted(self) -> None:
        form = thing({"things": [{"name": "toolong"}, {"count": "1"}]})
        assert form.errors == {"things": ["Rows 1, 2 need attention."]}

    def test_at_most(self) -> None:
        assert thing({"things": [{"name": "x"}] * 3}).is_valid()
        assert thing({"things": [{"name": "x"}] * 4}).errors == {"things": ["At most 3 rows."]}

    def test_indexes_need_not_be_whole(self) -> None:
        data = {
            "things-7-name": "b",
            "things-2-name": "a",
            "things-x-name": "c",
            "otherthings-1-name": "d",
            "things-3": "e",
            "things-12345-name": "f",
        }
        assert row_indexes(data, "things") == [2, 7]
        form = ThingForm(data, context=context())
        assert form.is_valid(), form.errors
        assert [row["name"] for row in form.cleaned_data["things"]] == ["a", "b"]
        assert rows_of(form).next_index == 8

    def test_initial_rows(self) -> None:
        form = ThingForm(None, context=context(), initial={"things": [{"name": "x"}, {"name": "y", "count": 3}]})
        assert [row["name"].value() for row in rows_of(form).rows] == ["x", "y"]
        assert [row["kind"].value() for row in rows_of(form).rows] == ["a", "a"]
        assert rows_of(form).next_index == 2
        assert rows_of(ThingForm(None, context=context())).next_index == 0

    def test_their_fields_know_the_catalogue(self) -> None:
        (row,) = rows_of(thing({"things": [{"name": "x"}]})).rows
        field = row.fields["agent"]
        assert isinstance(field, SuggestField)
        assert field.suggestions == [("ada", "Ada")]


class TestForms:
    def test_suggestions_give_way_to_what_is_given(self) -> None:
        assert ThingForm(None, context=context(reference="658"))["phone"].value() == "+44 7700 900658"
        assert ThingForm(None, context=context(), initial={"phone": "1"})["phone"].value() == "1"

    def test_what_was_chosen_shapes_the_form(self) -> None:
        assert "shade" in thing({"colour": "Red"}).fields
        assert "shade" in ThingForm(None, context=context(), initial={"colour": "Red"}).fields
        assert "shade" not in thing({"colour": "Straße"}).fields

    def test_fields_know_country_and_zone(self) -> None:
        form = thing({"phone": "07700 900658", "when": "2026-07-20T18:00"})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["phone"] == "+447700900658"
        assert form.cleaned_data["when"].isoformat() == "2026-07-20T18:00:00+01:00"

    def test_the_catalogue_is_offered_without_its_archive(self) -> None:
        field = thing({}).fields["colour"]
        assert isinstance(field, ItemChoiceField)
        assert field.choices == [("", "Choose…"), ("Red", "The red one"), ("Straße", "Straße")]

    @pytest.mark.parametrize(("typed", "key"), [("Red", "Red"), ("red", "Red"), ("STRASSE", "Straße"), ("", "")])
    def test_an_item_is_found_whatever_the_letter_case(self, typed: str, key: str) -> None:
        form = thing({"colour": typed})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["colour"] == key

    @pytest.mark.parametrize(
        ("typed", "sent"),
        [("Ada", "ada"), ("ADA", "ada"), ("alex gent", "gent"), (" Alex Gent ", "gent"), ("Sam", "Sam"), ("sam", "sam"), ("Zoe", "Zoe")],
    )
    def test_a_name_stands_for_its_key_whatever_the_letter_case(self, typed: str, sent: str) -> None:
        agents = (Item("ada", "Ada"), Item("gent", "Alex Gent"), Item("s-1", "Sam"), Item("s-2", "Sam"))
        form = thing({"things": [{"name": "x", "agent": typed}]}, catalogue=HeldCatalogue({"agent": agents}))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["things"][0]["agent"] == sent

    def test_unknown_and_archived_items(self) -> None:
        assert thing({"colour": "Blue"}).errors["colour"] == [
            "The catalogue of this connection has no colour “Blue”. Choose one from the list or set it up first."
        ]
        assert thing({"colour": "Old"}).errors["colour"] == ["The colour “Old” is archived. Choose another or restore it first."]

    def test_letter_case_decides_between_twins(self) -> None:
        twins = context(catalogue=HeldCatalogue({"colour": (Item("red"), Item("Red"))}))
        assert (twins.item("colour", "Red"), twins.item("colour", "RED")) == (Item("Red"), Item("red"))
        assert twins.item("shape", "Red") is None


class ThingItemForm(ItemForm):
    note = TextField(required=False)
    things = RowsField(ThingRow)
    loud = forms.BooleanField(required=False)


class TestItems:
    def test_what_is_empty_is_absent(self) -> None:
        form = ThingItemForm({"key": " K ", "label": ""}, account=ACCOUNT)
        assert form.is_valid(), form.errors
        assert form.item() == Item("K", "", {"loud": False})

    def test_an_item_makes_itself_again(self) -> None:
        item = Item("K", "Label", {"note": "n", "loud": True, "things": [{"name": "x", "count": 0, "kind": "b", "agent": "ada"}]})
        form = ThingItemForm(flat(ThingItemForm.fields_of(item)), account=ACCOUNT)
        assert form.is_valid(), form.errors
        assert form.item() == item


class TestFlat:
    def test_everything_that_form_data_can_hold(self) -> None:
        nested = {"a": "x", "b": 7, "yes": True, "no": False, "none": None, "zero": 0, "property": {"To Num": 1, "gone": None}}
        assert flat(nested) == {"a": "x", "b": "7", "yes": "on", "zero": "0", "property:To Num": "1"}
        assert flat({"rows": [{"name": "x", "on": True, "off": False}, {}, {"name": 2}]}) == {
            "rows-0-name": "x",
            "rows-0-on": "on",
            "rows-2-name": "2",
        }

    @pytest.mark.parametrize("rows", [["x"], [{"a": 1}, None], [[{}]]])
    def test_a_list_of_anything_but_rows(self, rows: list[Any]) -> None:
        with pytest.raises(ValueError, match="“skills” must be a list of objects"):
            flat({"skills": rows})
