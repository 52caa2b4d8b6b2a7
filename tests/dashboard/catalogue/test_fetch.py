"""Fetching a kind from the vendor: the worker asks the sandbox over real HTTP, a person chooses what to take over."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.choices import ErrandState, State
from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Errand, Invocation, Person
from dashboard.services import catalogue, errands
from providers.registry import PROVIDERS
from providers.sandbox.server import Sandbox
from tests import factories
from tests.dashboard.engine.harness import work

FETCHED = [(provider.key, kind.key) for provider in PROVIDERS.values() for kind in provider.catalogue if kind.fetched]
MESSAGES = "/catalogue/acoustic/message/fetch/"
CHOSEN = {"connection": "mine"}


@pytest.fixture
def mine(db: None, sandbox: Sandbox) -> Connection:
    """A connection to the sandbox whose catalogue is still empty."""
    connection = factories.sandbox_connection(sandbox, "acoustic", name="mine")
    connection.items.all().delete()
    return connection


def fetch() -> Errand:
    """What the worker does with the errand."""
    errand = errands.next_asked()
    assert errand is not None
    errands.perform(errand)
    errand.refresh_from_db()
    return errand


def test_there_is_something_to_fetch() -> None:
    assert ("acoustic", "message") in FETCHED


def test_a_connection_has_to_be_chosen(as_sam: Client) -> None:
    assert as_sam.get(MESSAGES).status_code == 200
    assert as_sam.post(MESSAGES, {"connection": ""}).status_code in (200, 422)
    assert as_sam.post(MESSAGES, {"connection": "no-such"}).status_code == 422
    assert not Errand.objects.exists()


def test_the_page_waits_for_the_worker(as_sam: Client, mine: Connection) -> None:
    page = as_sam.post(MESSAGES, CHOSEN, follow=True)
    assert Errand.objects.get().what == "fetch:message"
    assert "without scripts, reload the page" in page.content.decode()
    fragment = as_sam.get(f"{MESSAGES}?connection=mine", headers={"HX-Request": "true"})
    assert fragment.content.lstrip().startswith(b"<section")


def test_what_is_ticked_is_taken_over_once(as_sam: Client, mine: Connection, sandbox: Sandbox) -> None:
    as_sam.post(MESSAGES, CHOSEN)
    errand = fetch()
    assert errand.state == ErrandState.DONE, errand.said
    candidates = as_sam.get(f"{MESSAGES}?connection=mine").context["candidates"]
    assert len(candidates) >= 2
    assert not any(candidate.known or candidate.problem for candidate in candidates)
    first = candidates[0].item
    as_sam.post(MESSAGES, CHOSEN | {"import": "yes", "import_key": [first.key, "not-in-the-list"]})
    row = CatalogueItem.objects.get()
    assert (row.key, row.label, row.connection) == (first.key, first.label, mine)
    assert AuditEvent.objects.get(action="items.imported").actor_name == "sam"
    again = as_sam.get(f"{MESSAGES}?connection=mine").context["candidates"]
    assert [candidate.item.key for candidate in again if candidate.known] == [first.key]
    assert again[-1].known
    page = as_sam.post(MESSAGES, CHOSEN | {"import": "yes", "import_key": [first.key]}, follow=True)
    assert "Nothing was chosen" in page.content.decode()
    assert CatalogueItem.objects.count() == 1
    assert sandbox.ledger.effects() == []


def test_an_archived_item_counts_as_known(as_sam: Client, mine: Connection) -> None:
    as_sam.post(MESSAGES, CHOSEN)
    key = fetch().found[0]["key"]
    catalogue.archive(item=factories.item(mine, "message", key), by="sam")
    candidates = as_sam.get(f"{MESSAGES}?connection=mine").context["candidates"]
    assert [candidate.item.key for candidate in candidates if candidate.known] == [key]


def test_what_the_kinds_form_refuses_cannot_be_taken_over(as_sam: Client, mine: Connection) -> None:
    as_sam.post(MESSAGES, CHOSEN)
    fetch()
    Errand.objects.update(found=[{"key": "", "label": "Nameless", "data": {}}])
    page = as_sam.get(f"{MESSAGES}?connection=mine")
    assert page.context["candidates"][0].problem
    assert "Cannot be taken over" in page.content.decode()
    as_sam.post(MESSAGES, CHOSEN | {"import": "yes", "import_key": [""]})
    assert not CatalogueItem.objects.exists()


def test_a_failed_look_up_says_why(as_sam: Client, db: None) -> None:
    connection = factories.connection("acoustic", name="mine")
    as_sam.post(MESSAGES, CHOSEN)
    assert fetch().state == ErrandState.FAILED
    assert f"{connection.name} lacks its credentials" in as_sam.get(f"{MESSAGES}?connection=mine").content.decode()


# --- a kind that is saved at the vendor ------------------------------------------------------------


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_saving_a_registered_provider_registers_it(as_sam: Client, sam: Person, sandbox: Sandbox) -> None:
    factories.sandbox_connection(sandbox, "vonage", name="mine")
    data = {"connection": "mine", "key": "NewCrm", "endpoint": "https://crm.example.com/vcc", "release": "on"}
    data |= {"headers-0-name": "Authorization", "headers-0-value": "Bearer SENTINEL-9f2c41"}
    as_sam.post("/catalogue/vonage/registered_provider/add/", data)
    work()
    dispatch = Dispatch.objects.get()
    assert dispatch.state == State.ACCEPTED, dispatch.explanation
    row = CatalogueItem.objects.get(key="NewCrm")
    page = as_sam.get(f"/catalogue/items/{row.pk}/")
    assert page.context["saving"] == dispatch
    assert "Accepted" in page.content.decode()
    invocation = Invocation.objects.get()
    assert invocation.url.endswith("/interactions/register")
    assert "SENTINEL" not in invocation.request_shown
    assert "SENTINEL" not in as_sam.get(f"/dispatches/{dispatch.ref}/").content.decode()
