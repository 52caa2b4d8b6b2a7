"""The catalogue as the services keep it: names taken once, history never lost."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.models import AuditEvent, CatalogueItem, Connection, Person
from dashboard.services import catalogue
from dashboard.services.refusals import Refused
from providers.registry import PROVIDERS
from providers.types import Item
from tests import factories

pytestmark = pytest.mark.django_db


def save(connection: Connection, key: str, by: Person | str = "terminal", kind: str = "skill", **more: Any) -> CatalogueItem:
    label, existing = more.pop("label", ""), more.pop("existing", None)
    return catalogue.save(connection=connection, kind=kind, item=Item(key, label, more), by=by, existing=existing)


def test_saving_is_recorded_with_the_names_of_what_changed(vcc: Connection, sam: Person) -> None:
    row = save(vcc, "Route A", by=sam, kind="route", description="secret words")
    save(vcc, "Route A", by=sam, kind="route", label="A", description="other words", existing=row)
    added, changed = AuditEvent.objects.order_by("id")
    assert (added.action, added.object_name, added.detail["connection"]) == ("item.added", "Route A", "vcc-emea")
    assert (changed.action, changed.detail["changes"]) == ("item.changed", "label, description")
    assert "words" not in str(changed.detail)
    assert changed.before_digest == added.after_digest != changed.after_digest


def test_saving_the_same_again_records_nothing(vcc: Connection) -> None:
    row = save(vcc, "Billing")
    save(vcc, "Billing", existing=row)
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("twin", ["Billing", "billing", "BILLING"])
def test_a_name_is_taken_once_whatever_its_case(vcc: Connection, twin: str) -> None:
    save(vcc, "Billing")
    with pytest.raises(Refused, match="vcc-emea has “Billing” already; letter case makes no difference") as caught:
        save(vcc, twin)
    assert caught.value.field == "key"
    assert CatalogueItem.objects.count() == 1


def test_letters_outside_ascii_are_folded_too(vcc: Connection) -> None:
    save(vcc, "Übersetzung")
    with pytest.raises(Refused, match="already"):
        save(vcc, "übersetzung")


def test_an_archived_twin_is_to_be_restored(vcc: Connection) -> None:
    catalogue.archive(item=save(vcc, "Billing"), by="terminal")
    with pytest.raises(Refused, match=r"in its archive\. Restore it instead"):
        save(vcc, "billing")


def test_the_same_name_elsewhere_is_another_item(vcc: Connection) -> None:
    save(vcc, "Billing")
    save(vcc, "Billing", kind="agent")
    save(factories.connection("vonage"), "Billing")
    assert CatalogueItem.objects.count() == 3


def test_the_case_of_ones_own_name_may_change(vcc: Connection) -> None:
    row = save(vcc, "billing")
    assert save(vcc, "Billing", existing=row).key == "Billing"


def test_a_name_that_history_knows_stays(vcc: Connection, sam: Person) -> None:
    row = save(vcc, "Route A", kind="route")
    factories.dispatch(vcc, sam, item=row)
    with pytest.raises(Refused, match="History names “Route A”") as caught:
        save(vcc, "Route B", kind="route", existing=row)
    assert caught.value.field == "key"
    row.refresh_from_db()
    assert row.key == "Route A"
    assert save(vcc, "Route A", kind="route", label="The first", existing=row).label == "The first"


def test_archiving_and_restoring_are_done_and_recorded_once(vcc: Connection, sam: Person) -> None:
    row = save(vcc, "Billing")
    for _number in range(2):
        catalogue.archive(item=row, by=sam)
    assert row.archived_at
    for _number in range(2):
        catalogue.restore(item=row, by=sam)
    assert row.archived_at is None
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == ["item.added", "item.archived", "item.restored"]


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_key_of_a_kind_is_known_archived_or_not(provider: str) -> None:
    connection = factories.connection(provider)
    kind, *others = [one.key for one in connection.vendor.catalogue]
    for key in ("b", "A", "Straße"):
        row = save(connection, key, kind=kind)
    catalogue.archive(item=row, by="terminal")
    assert catalogue.folded_keys(connection=connection, kind=kind) == {"a", "b", "strasse"}
    assert catalogue.folded_keys(connection=connection, kind=others[0]) == set()


# --- importing ------------------------------------------------------------------------------------


def test_an_import_adds_changes_archives_and_restores(vcc: Connection, sam: Person) -> None:
    save(vcc, "Billing")
    catalogue.archive(item=save(vcc, "VIP"), by="terminal")
    items = [("skill", Item("BILLING", "Bills")), ("skill", Item("VIP")), ("skill", Item("Old", archived=True)), ("agent", Item("ann"))]
    catalogue.import_items(connection=vcc, items=items, by=sam)
    rows = {row.key: (row.label, bool(row.archived_at)) for row in CatalogueItem.objects.all()}
    assert rows == {"BILLING": ("Bills", False), "VIP": ("", False), "Old": ("", True), "ann": ("", False)}
    assert AuditEvent.objects.get(action="items.imported").detail == {"count": 4}


def test_an_import_is_done_whole_or_not_at_all(vcc: Connection, sam: Person) -> None:
    factories.dispatch(vcc, sam, item=save(vcc, "Route A", kind="route"))
    items = [("route", Item("Route B")), ("route", Item("ROUTE A"))]
    with pytest.raises(Refused, match="Row 3: History names “Route A”"):
        catalogue.import_items(connection=vcc, items=items, by=sam, first_row=2)
    assert list(CatalogueItem.objects.values_list("key", flat=True)) == ["Route A"]
    assert not AuditEvent.objects.filter(action="items.imported").exists()
