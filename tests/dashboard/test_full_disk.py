"""A disk that is nearly full: nothing new is taken in, nothing that was typed is lost, everything can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.models import CatalogueItem, Connection, Preset
from dashboard.services import disk
from tests import factories
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import Composer

SKILLS = "/catalogue/vonage/skill/"
SAID = "The disk on which this desk keeps its records is nearly full"


@pytest.fixture
def vcc(db: None, settings: Any) -> Connection:
    made = stocked("vonage", name="vcc-emea")
    settings.DISK_LEAST = 10**18
    return made


def test_a_new_item_is_refused_and_stays_in_its_form(as_sam: Client, vcc: Connection) -> None:
    before = CatalogueItem.objects.count()
    answer = as_sam.post(f"{SKILLS}add/", {"connection": "vcc-emea", "key": "Billing and more", "label": "Bills"})
    page = answer.content.decode()
    assert (answer.status_code, CatalogueItem.objects.count()) == (507, before)
    assert SAID in page
    assert 'value="Billing and more"' in page
    assert 'value="Bills"' in page
    assert as_sam.get(SKILLS).status_code == 200


def test_a_change_is_refused_and_stays_in_its_form(as_sam: Client, vcc: Connection) -> None:
    item = factories.item(vcc, "skill", "Fax")
    answer = as_sam.post(f"/catalogue/items/{item.pk}/change/", {"key": "Fax", "label": "Facsimile"})
    assert answer.status_code == 507
    assert 'value="Facsimile"' in answer.content.decode()
    item.refresh_from_db()
    assert item.label == ""


def test_a_preset_is_refused_and_stays_in_its_form(as_sam: Client, vcc: Connection) -> None:
    composer = Composer(as_sam, vcc)
    data = composer.read(composer.post(composer.filled(), intent="preset"))
    answer = composer.post({**data, "preset-name": "Parcel"}, intent="keep")
    assert answer.status_code == 507
    assert SAID in composer.page
    assert composer.read(answer)["preset-name"] == "Parcel"
    assert not Preset.objects.exists()


def test_an_import_is_refused_as_a_whole(vcc: Connection, tmp_path: Path) -> None:
    before = CatalogueItem.objects.count()
    file = tmp_path / "items.json"
    file.write_text(json.dumps([{"kind": "skill", "key": "Billing and more"}]), encoding="utf-8")
    with pytest.raises(CommandError, match=SAID):
        call_command("catalogue", "import", str(file), "--connection", "vcc-emea")
    assert CatalogueItem.objects.count() == before


def test_the_room_for_a_directory_that_is_not_there_yet_is_that_of_the_one_above(vcc: Connection, settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL = str(tmp_path / "not" / "there")
    assert not disk.has_room()
    settings.DISK_LEAST = 0
    assert disk.has_room()
