"""`manage.py catalogue`: whole files or nothing, with the checks and records of the screens."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Person
from dashboard.services import catalogue
from dashboard.services.catalogue_files import FORMULA
from providers.registry import PROVIDERS
from providers.sandbox.server import Sandbox
from tests import factories

pytestmark = pytest.mark.django_db
ROUTE = {"kind": "route", "key": "Send SMS NR", "properties": [{"key": "ToNum", "kind": "phone", "required": True}, {"key": "Text"}]}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("catalogue", *arguments, stdout=out)
    return out.getvalue()


def importing(path: Path, content: Any, *arguments: str) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return run("import", str(path), "--connection=vcc-emea", *arguments)


def refusal(path: Path, content: Any, *arguments: str) -> str:
    """What an import that is refused says; nothing may have come of it."""
    before = list(CatalogueItem.objects.order_by("id").values())
    with pytest.raises(CommandError) as caught:
        importing(path, content, *arguments)
    assert caught.value.returncode == 64
    assert list(CatalogueItem.objects.order_by("id").values()) == before
    assert not AuditEvent.objects.filter(action="items.imported").exists()
    return str(caught.value)


def test_json_is_imported(vcc: Connection, tmp_path: Path) -> None:
    rows = [ROUTE, {"kind": "skill", "key": "Billing", "label": "Bills"}, {"kind": "skill", "key": "Fax", "archived": True}]
    assert importing(tmp_path / "items.json", rows) == "3 items were imported to vcc-emea.\n"
    row = CatalogueItem.objects.get(kind="route")
    assert [one["key"] for one in row.data["properties"]] == ["ToNum", "Text"]
    assert {one.key: bool(one.archived_at) for one in CatalogueItem.objects.filter(kind="skill")} == {"Billing": False, "Fax": True}
    assert AuditEvent.objects.get(action="items.imported").actor_name == "terminal"


def test_csv_is_imported(vcc: Connection, tmp_path: Path) -> None:
    header = "kind,key,label,properties-0-key,properties-0-kind,properties-0-required"
    text = f"{header}\nroute,Send SMS NR,,ToNum,phone,on\nskill,Billing,Bills,,,\n"
    assert "2 items" in importing(tmp_path / "items.csv", f"\ufeff{text}")
    assert CatalogueItem.objects.get(kind="route").data["properties"][0]["required"] is True


def test_a_kind_can_stand_in_for_rows_that_name_none(vcc: Connection, tmp_path: Path) -> None:
    importing(tmp_path / "items.csv", "key\nBilling\nVIP\n", "--kind=skill")
    assert set(CatalogueItem.objects.values_list("kind", "key")) == {("skill", "Billing"), ("skill", "VIP")}


def test_importing_again_changes_what_is_there(vcc: Connection, tmp_path: Path) -> None:
    importing(tmp_path / "items.json", [{"kind": "skill", "key": "Billing"}])
    importing(tmp_path / "items.json", [{"kind": "skill", "key": "billing", "label": "Bills"}])
    row = CatalogueItem.objects.get()
    assert (row.key, row.label) == ("billing", "Bills")


BAD: list[tuple[str, Any, str]] = [
    ("items.json", "{", "This is not JSON: line 1"),
    ("items.json", '{"kind": "skill"}', "must hold a list of objects"),
    ("items.json", [{"kind": "skill", "key": "a"}, {"kind": "nothing", "key": "b"}], "Row 2: “nothing” is not a kind of this provider"),
    ("items.json", [{"key": "a"}], "Row 1: “” is not a kind"),
    ("items.json", [{"kind": "skill"}], "Row 1: key: This field is required."),
    ("items.json", [{"kind": "skill", "key": "x" * 201}], "Row 1: key: Ensure this value has at most 200 characters"),
    ("items.json", [{"kind": "skill", "key": "a", "labell": "A"}], "Row 1: Not understood: labell. Known are key, label."),
    ("items.json", [{**ROUTE, "properties": [{"key": "a", "kynd": "phone"}]}], "Row 1: Not understood: properties-0-kynd."),
    ("items.json", [{**ROUTE, "properties": "ToNum"}], "Row 1: Not understood: properties."),
    (
        "items.json",
        [{**ROUTE, "properties": [{"key": "ok"}, {"key": "a", "kind": "fax"}]}],
        "Row 1: properties 2, kind: Select a valid choice",
    ),
    ("items.json", [{"kind": "skill", "key": "Ä"}, {"kind": "skill", "key": "ä"}], "Row 2: “ä” is in row 1 already."),
    ("items.csv", "kind,key\nskill,a\nskill,\n", "Row 3: key: This field is required."),
    ("items.csv", "kind,key\nskill,a,b,c\n", "Row 2 has more cells than the header."),
    ("items.csv", 'kind,key\nskill,"a\n', "This is not CSV"),
]


@pytest.mark.parametrize(("name", "content", "text"), BAD)
def test_bad_files_are_refused_whole(vcc: Connection, tmp_path: Path, name: str, content: Any, text: str) -> None:
    said = refusal(tmp_path / name, content)
    assert text in said
    assert not said.startswith("Row") or said.endswith("Nothing was imported.")


def test_every_wrong_row_is_told(vcc: Connection, tmp_path: Path) -> None:
    said = refusal(tmp_path / "items.csv", "kind,key\nskill,\nskill,fine\nnothing,x\n")
    assert [line.split(":")[0] for line in said.splitlines()] == ["Row 2", "Row 4", "Nothing was imported."]


def test_a_name_that_history_knows_is_not_renamed_by_a_file(vcc: Connection, sam: Person, tmp_path: Path) -> None:
    factories.dispatch(vcc, sam, item=factories.item(vcc, "route", "Route A"))
    said = refusal(tmp_path / "items.json", [{"kind": "skill", "key": "new"}, {"kind": "route", "key": "ROUTE A"}])
    assert "Row 2: History names “Route A”" in said


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["import", "no-such.json", "--connection=vcc-emea"], "no-such.json cannot be read"),
        (["import", "no-such.json", "--connection=nobody"], "There is no connection “nobody” in use. There are: vcc-emea."),
        (["export", "--connection=vcc-emea", "--kind=message"], "“message” is not a kind of vonage; kinds are route"),
        (["import", "x", "--connection=vcc-emea", "--by=nobody"], "“nobody” is nobody who may change the catalogue"),
        (["import", "x", "--connection=vcc-emea", "--by=ana"], "“ana” is nobody who may change the catalogue"),
    ],
)
def test_bad_arguments_are_said(vcc: Connection, ana: Person, arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert text in str(caught.value)
    assert caught.value.returncode == 64


def test_a_file_that_is_not_text_is_refused(vcc: Connection, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes(b"kind,key\nskill,\xff\n")
    with pytest.raises(CommandError, match="not text in UTF-8"):
        run("import", str(tmp_path / "items.csv"), "--connection=vcc-emea")


# --- exporting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_what_is_exported_can_be_imported(sandbox: Sandbox, tmp_path: Path, provider: str, form: str) -> None:
    source = factories.sandbox_connection(sandbox, provider, name="source")
    for kind in source.vendor.catalogue:
        if kind.saves_by:
            source.items.filter(kind=kind.key).delete()
    catalogue.archive(item=source.items.earliest("id"), by="terminal")
    factories.connection(provider, name="target", country=source.country)
    path = tmp_path / f"items.{form}"
    path.write_text(run("export", "--connection=source", f"--format={form}"), encoding="utf-8")
    run("import", str(path), "--connection=target")

    def facts(name: str) -> list[tuple[Any, ...]]:
        rows = CatalogueItem.objects.filter(connection__name=name).order_by("kind", "key")
        return [(row.kind, row.key, row.label, row.data, bool(row.archived_at)) for row in rows]

    assert facts("target") == facts("source")
    assert len(facts("source")) > 2


@pytest.mark.parametrize("start", FORMULA)
def test_csv_holds_no_formula_and_comes_back_the_same(vcc: Connection, tmp_path: Path, start: str) -> None:
    label = f"{start}HYPERLINK(1)"
    CatalogueItem.objects.create(connection=vcc, kind="skill", key="Billing", label=label)
    text = run("export", "--connection=vcc-emea", "--format=csv")
    assert not any(cell.startswith(FORMULA) for line in text.splitlines() for cell in line.replace('"', "").split(","))
    CatalogueItem.objects.all().delete()
    if start.isprintable():
        importing(tmp_path / "items.csv", text)
        assert CatalogueItem.objects.get().label == label


def test_an_export_can_be_of_one_kind(vcc: Connection) -> None:
    factories.item(vcc, "skill", "Billing")
    factories.item(vcc, "agent", "ann")
    assert [row["key"] for row in json.loads(run("export", "--connection=vcc-emea", "--kind=agent"))] == ["ann"]


# --- what is saved at the vendor --------------------------------------------------------------------


PROVIDER = {
    "kind": "registered_provider",
    "key": "Crm",
    "endpoint": "https://crm.example.com/vcc",
    "headers": [{"name": "X-Key", "value": "v"}],
}


def test_registering_needs_a_person(vcc: Connection, tmp_path: Path) -> None:
    said = refusal(tmp_path / "items.json", [{"kind": "skill", "key": "Billing"}, PROVIDER])
    assert "Row 2: Saving a Registered provider sends it to the provider, and that needs a person: name one with --by." in said
    assert not Dispatch.objects.exists()


def test_registering_in_a_persons_name_makes_the_dispatch(vcc: Connection, sam: Person, tmp_path: Path) -> None:
    importing(tmp_path / "items.json", [PROVIDER], "--by=sam")
    dispatch = Dispatch.objects.get()
    assert (dispatch.created_by, dispatch.item.key if dispatch.item else "") == (sam, "Crm")
    assert dispatch.command().values["headers"] == {"X-Key": "v"}
    assert AuditEvent.objects.get(action="items.imported").actor == sam


def test_a_header_without_its_value_stops_the_whole_import(vcc: Connection, sam: Person, tmp_path: Path) -> None:
    said = refusal(tmp_path / "items.json", [{"kind": "skill", "key": "Billing"}, {**PROVIDER, "headers": [{"name": "X-Key"}]}], "--by=sam")
    assert said.startswith("Row 2: headers 1, value: Give the header's value.")
    assert not Dispatch.objects.exists()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_goes_back_where_it_came_from_and_registers_nothing_again(
    vcc: Connection, sam: Person, tmp_path: Path, form: str
) -> None:
    bare = {"kind": "registered_provider", "key": "Other", "release": True}
    importing(tmp_path / "items.json", [{"kind": "skill", "key": "Billing"}, PROVIDER, bare], "--by=sam")
    exported = run("export", "--connection=vcc-emea", f"--format={form}")
    before = list(CatalogueItem.objects.order_by("id").values())
    assert importing(tmp_path / f"items.{form}", exported) == "3 items were imported to vcc-emea.\n"
    assert list(CatalogueItem.objects.order_by("id").values()) == before
    assert Dispatch.objects.count() == 2


@pytest.mark.parametrize("change", [{}, {"endpoint": "https://crm.example.com/other"}, {"hold": True}, {"label": "Ours"}])
def test_a_row_that_tells_something_new_registers_again(vcc: Connection, sam: Person, tmp_path: Path, change: dict[str, Any]) -> None:
    importing(tmp_path / "items.json", [PROVIDER], "--by=sam")
    importing(tmp_path / "items.json", [{**PROVIDER, **change, "headers": [{"name": "X-Key", "value": "another"}]}], "--by=sam")
    assert [dispatch.command().values["headers"] for dispatch in Dispatch.objects.order_by("id")] == [{"X-Key": "v"}, {"X-Key": "another"}]


def test_what_an_import_takes_out_of_the_archive_is_registered_again(vcc: Connection, sam: Person, tmp_path: Path) -> None:
    bare = {"kind": "registered_provider", "key": "Other", "release": True}
    importing(tmp_path / "items.json", [bare], "--by=sam")
    importing(tmp_path / "items.json", [{**bare, "archived": True}])
    assert Dispatch.objects.count() == 1
    importing(tmp_path / "items.json", [bare], "--by=sam")
    assert Dispatch.objects.count() == 2
