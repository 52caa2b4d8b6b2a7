"""Choosing what should happen, and the empty states."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.models import Connection, Person
from dashboard.services import connections
from providers.registry import PROVIDERS
from tests import factories
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import Composer


def page(browser: Client, query: str = "") -> str:
    answer = browser.get(f"/compose/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_composed_action_with_a_connection_has_a_tile(
    as_sam: Client, vonage: Connection, acoustic: Connection, ccai: Connection
) -> None:
    text = page(as_sam)
    for connection in (vonage, acoustic, ccai):
        for action in PROVIDERS[connection.provider].actions:
            assert (f'href="/compose/{connection.name}/{action.key}/"' in text) is action.composed


def test_a_provider_without_a_connection_has_no_tile(as_sam: Client, ccai: Connection) -> None:
    text = page(as_sam)
    assert "/compose/care-us/text/" in text
    assert "Vonage Contact Center" not in text.partition("<main")[2]


def test_an_archived_connection_is_not_offered(as_sam: Client, ada: Person, ccai: Connection) -> None:
    connections.archive(connection=ccai, by=ada)
    assert "No connection yet" in page(as_sam)


def test_several_connections_are_chosen_from(as_sam: Client, vonage: Connection) -> None:
    stocked("vonage", name="vcc-live", environment="production")
    stocked("vonage", name="vcc-paused", paused_at=timezone.now())
    stocked("ccai", name="care-eu")
    text = page(as_sam)
    assert 'href="/compose/?what=vonage.route"' in text
    assert 'href="/compose/care-eu/text/"' in text
    chosen = page(as_sam, "?what=vonage.route").partition("through which connection?")[2]
    assert [f"/compose/{name}/route/" in chosen for name in ("vcc-emea", "vcc-live", "vcc-paused", "care-eu")] == [True, True, True, False]
    assert "Production" in chosen
    assert "Paused" in chosen


def test_without_a_connection_the_page_teaches(as_sam: Client) -> None:
    text = page(as_sam)
    assert "No connection yet" in text
    assert "Ask an admin" in text


def test_an_admin_who_composes_is_led_to_the_connections(client: Client, db: None) -> None:
    client.force_login(factories.person(supervisor=True, admin=True))
    assert 'href="/connections/"' in page(client).partition("No connection yet")[2]


def test_without_a_target_the_form_teaches(as_sam: Client) -> None:
    bare = factories.connection("acoustic", name="new-pod")
    text = as_sam.get("/compose/new-pod/send/").content.decode()
    assert "new-pod has no" in text
    assert 'href="/catalogue/acoustic/message/add/"' in text
    factories.item(bare, "message", "e3c3d1ea-e54b-458d-b32b-18a99f63b58c")
    assert "What will be sent" in as_sam.get("/compose/new-pod/send/").content.decode()


def test_recent_targets_lead_to_a_form_that_names_them(as_sam: Client, sam: Person, ccai: Connection) -> None:
    composer = Composer(as_sam, ccai)
    assert composer.post(composer.filled(), intent="send").status_code == 303
    item = ccai.items.get(key="+16285550199")
    assert f'href="/compose/care-us/text/?item={item.pk}"' in page(as_sam)
    assert composer.open(f"?item={item.pk}")["outbound_number"] == item.key


@pytest.mark.parametrize("query", ["?what=", "?what=nothing.here", "?what=vonage"])
def test_an_unknown_purpose_shows_the_tiles(as_sam: Client, vonage: Connection, query: str) -> None:
    assert "through which connection" not in page(as_sam, query)


def test_the_page_costs_the_same_however_much_there_is(
    as_sam: Client, sam: Person, vonage: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(as_sam)
    with django_assert_num_queries(6):
        page(as_sam)
    item = vonage.items.filter(kind="route").first()
    for _ in range(30):
        factories.dispatch(vonage, sam, item=item)
    for number in range(10):
        stocked("ccai", name=f"care-{number}")
    with django_assert_num_queries(6):
        page(as_sam)
