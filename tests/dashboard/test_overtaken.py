"""Two people at one form: whoever saves second sees what the first changed, and loses nothing that was typed."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import CatalogueItem, Connection, Person
from dashboard.services import people
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def opened(client: Client, path: str) -> str:
    """The version that the form on this page carries."""
    return client.get(path).text.split('name="opened" value="')[1].split('"')[0]


def test_a_person(as_ada: Client, ada: Person) -> None:
    sam = factories.person("sue", supervisor=True)
    path = f"/people/{sam.pk}/"
    mine = {"name": "Sue", "time_zone": "UTC", "roles": ["supervisor"], "opened": opened(as_ada, path)}
    people.change(person=sam, changes={"is_auditor": True}, by=ada)

    late = as_ada.post(path, mine)
    assert late.status_code == 422
    assert "ada changed this while you had it open (auditor: no → yes)." in late.text
    assert 'value="Sue"' in late.text
    assert Person.objects.get(pk=sam.pk).is_auditor

    assert as_ada.post(path, mine | {"opened": opened(as_ada, path)}).status_code == 302
    assert not Person.objects.get(pk=sam.pk).is_auditor


def test_a_connection(as_ada: Client) -> None:
    factories.connection("ccai", name="west", environment="test")
    path = "/connections/west/edit/"
    form = {
        "address-subdomain": "customer", "address-domain": "uc1.ccaiplatform.com", "address-base_url": "http://127.0.0.1:9/ccai",
        "address-agent_keys": "camel", "name": "west", "environment": "production", "in_flight": "4", "calls": "8", "per_seconds": "1",
        "undo_seconds": "0", "opened": opened(as_ada, path),
    }  # fmt: skip
    assert as_ada.post(path, form).status_code == 302
    late = as_ada.post(path, form | {"environment": "test", "undo_seconds": "9"})
    assert late.status_code == 422
    assert "ada changed this while you had it open (environment: test → production" in late.text
    assert 'value="9"' in late.text
    assert Connection.objects.get().environment == "production"
    assert as_ada.post(path, form | {"undo_seconds": "9", "opened": opened(as_ada, path)}).status_code == 302
    assert Connection.objects.get().undo_seconds == 9


def test_a_catalogue_item(as_ada: Client) -> None:
    item = factories.item(factories.connection("vonage"), "skill", "Billing")
    path = f"/catalogue/items/{item.pk}/"
    mine = {"key": "Billing", "label": "Mine", "opened": opened(as_ada, path)}
    as_ada.post(f"{path}change/", mine | {"label": "Theirs"})
    late = as_ada.post(f"{path}change/", mine)
    assert late.status_code == 422
    assert "ada changed this while you had it open (label)." in late.text
    assert 'value="Mine"' in late.text
    assert CatalogueItem.objects.get().label == "Theirs"
