"""Files that are wrong in unusual ways: each is refused in a sentence, and nothing comes of it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dashboard.models import CatalogueItem, Connection
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def vcc(db: None) -> Connection:
    return factories.connection("vonage", name="vcc-emea")


def importing(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    call_command("catalogue", "import", str(path), "--connection=vcc-emea", "--kind=skill", stdout=(out := io.StringIO()))
    return out.getvalue()


def keys() -> list[str]:
    return list(CatalogueItem.objects.order_by("key").values_list("key", flat=True))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("deep.json", "[" * 100_000, "It is nested more deeply than any provider's request."),
        ("twice.json", '[{"key": "A", "key": "B"}]', "“key” stands twice in one object."),
        ("nan.json", '[{"key": NaN}]', "NaN is no number in JSON."),
        ("infinite.json", '[{"key": 1e400}]', "The number 1e400 is too large."),
        ("long.json", f'[{{"key": {"9" * 5000}}}]', "The number 99999999999999999999… is too large."),
        ("perhaps.json", '[{"key": "x", "archived": "maybe"}]', "Row 1: archived: “maybe” is neither true nor false."),
        ("columns.csv", "key,label,key\nA,B,C\n", "The column “key” is there twice."),
        ("hidden.csv", "key,label\n\u202eevil,x\n", "Row 2: key: This has a character that cannot be seen (U+202E); take it out."),
    ],
)
def test_a_file_that_means_two_things_is_refused(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        importing(tmp_path / name, content)
    assert (refused.value.returncode, str(refused.value)) == (64, f"{sentence}\nNothing was imported.")
    assert keys() == []


def test_semicolons_part_the_cells_where_the_header_has_no_comma(tmp_path: Path) -> None:
    importing(tmp_path / "excel.csv", '\ufeffkey;label\r\nBilling;"Bills, and more"\r\n')
    assert [(row.key, row.label) for row in CatalogueItem.objects.all()] == [("Billing", "Bills, and more")]


def test_a_formula_goes_out_harmless_and_comes_back_as_it_was(tmp_path: Path) -> None:
    importing(tmp_path / "formula.csv", "key,label\nBilling,'=1+1\n")
    assert CatalogueItem.objects.get().label == "=1+1"
    call_command("catalogue", "export", "--connection=vcc-emea", "--format=csv", stdout=(out := io.StringIO()))
    assert "Billing,'=1+1" in out.getvalue()


def test_standard_input_may_begin_with_a_byte_order_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfkey\nBilling\n"), encoding="latin-1"))
    call_command("catalogue", "import", "-", "--format=csv", "--connection=vcc-emea", "--kind=skill", stdout=io.StringIO())
    assert keys() == ["Billing"]


def test_standard_input_that_is_not_utf8_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"key\nB\xfcro\n")))
    with pytest.raises(CommandError, match=r"^Standard input is not text in UTF-8\.$"):
        call_command("catalogue", "import", "-", "--format=csv", "--connection=vcc-emea", "--kind=skill")
    assert keys() == []


@pytest.mark.parametrize("command", ["catalogue", "connections", "people"])
def test_unknown_words_are_invalid_input(command: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(command, "frobnicate")
    assert refused.value.returncode == 64
