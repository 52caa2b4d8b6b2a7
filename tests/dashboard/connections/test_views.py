"""The screens of the connections: who comes in, the list, pausing, testing, archiving, the global stop."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.choices import ErrandState
from dashboard.models import AuditEvent, Desk, Errand, Person
from dashboard.services import connections, errands, secrets
from providers.registry import PROVIDERS
from providers.sandbox.server import Sandbox
from tests import factories

pytestmark = pytest.mark.django_db


# --- who may --------------------------------------------------------------------------------------


ROUTES = {
    "connections": "get",
    "connection": "get",
    "connection_edit": "get",
    "connection_secrets": "get",
    "connection_pause": "get",
    "connection_health": "get",
    "connection_archive": "get",
    "connection_resume": "post",
    "connection_test": "post",
}


@pytest.mark.parametrize("route", ROUTES)
def test_only_admins_come_in(client: Client, as_ada: Client, sam: Person, ana: Person, route: str) -> None:
    factories.connection("vonage", name="vcc-emea")
    address = reverse(route, args=["vcc-emea"] if route != "connections" else [])
    assert client.get(address).status_code in (302, 405)
    assert client.post(address).status_code in (401, 405)
    for outsider in (sam, ana):
        client.force_login(outsider)
        for method in ("get", "post"):
            assert getattr(client, method)(address).status_code in (403, 405)
    assert getattr(as_ada, ROUTES[route])(address).status_code in (200, 302)


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "connections"])
def test_an_unknown_connection_is_not_found(as_ada: Client, route: str) -> None:
    assert getattr(as_ada, ROUTES[route])(reverse(route, args=["no-such"])).status_code == 404


@pytest.mark.parametrize("route", ["connection_resume", "connection_test"])
def test_changes_are_never_made_by_get(as_ada: Client, route: str) -> None:
    factories.connection("vonage", name="vcc-emea")
    assert as_ada.get(reverse(route, args=["vcc-emea"])).status_code == 405


@pytest.mark.parametrize("route", ["connection_edit", "connection_secrets", "connection_pause", "connection_resume", "connection_test"])
def test_an_archived_connection_cannot_be_changed(as_ada: Client, route: str) -> None:
    connections.archive(connection=factories.connection("vonage", name="vcc-emea"), by="ada")
    assert as_ada.post(reverse(route, args=["vcc-emea"]), {"reason": "x", "client_id": "x"}).status_code == 404
    assert as_ada.get(reverse("connection", args=["vcc-emea"])).status_code == 200


# --- the list -------------------------------------------------------------------------------------


def test_the_empty_list_offers_every_provider(as_ada: Client) -> None:
    page = as_ada.get("/connections/")
    assert b"Connect your first account" in page.content
    for key in PROVIDERS:
        assert reverse("connection_add", args=[key]).encode() in page.content


def test_the_list_shows_health_load_and_age(as_ada: Client, sam: Person) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    connections.pause(connection=connection, reason="Maintenance at Vonage", by="ada")
    factories.dispatch(connection, sam, state="queued")
    page = as_ada.get("/connections/").content.decode()
    for shown in ("vcc-emea", "Sandbox", "Paused", "By ada: Maintenance at Vonage", "0 of 2", "Not all set"):
        assert shown in page


# --- pausing, testing, archiving -------------------------------------------------------------------


def test_pausing_asks_for_a_reason(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    for bad, text in (("", "required"), ("x" * 501, "at most 500 characters"), ("a\nb", "must be one line")):
        answer = as_ada.post("/connections/vcc-emea/pause/", {"reason": bad})
        assert (answer.status_code, text in answer.content.decode()) == (422, True)
    connection.refresh_from_db()
    assert not connection.is_paused
    page = as_ada.post("/connections/vcc-emea/pause/", {"reason": "Maintenance"}, follow=True)
    assert "By ada: Maintenance" in page.content.decode()
    assert "Resume" in page.content.decode()
    as_ada.post("/connections/vcc-emea/resume/")
    connection.refresh_from_db()
    assert not connection.is_paused


def test_a_test_is_asked_for_once_and_its_answer_appears(as_ada: Client) -> None:
    factories.connection("vonage", name="vcc-emea")
    for _number in range(2):
        page = as_ada.post("/connections/vcc-emea/test/", follow=True)
    assert Errand.objects.count() == 1
    assert "The answer appears here; without scripts, reload the page." in page.content.decode()
    Errand.objects.update(state=ErrandState.FAILED, said="Vonage refused the client ID.", done_at=timezone.now())
    assert "Vonage refused the client ID." in as_ada.get("/connections/vcc-emea/").content.decode()


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_test_reaches_the_provider_and_nobody_else(as_ada: Client, sandbox: Sandbox, provider: str) -> None:
    connection = factories.sandbox_connection(sandbox, provider, name="mine")
    as_ada.post("/connections/mine/test/")
    errand = errands.next_asked()
    assert errand is not None
    errands.perform(errand)
    errand.refresh_from_db()
    assert (errand.state, bool(errand.said)) == (ErrandState.DONE, True), errand.said
    assert errand.said in as_ada.get(reverse("connection", args=[connection.name])).content.decode()
    assert sandbox.requests()
    assert sandbox.ledger.effects() == []


def test_wrong_credentials_are_said_in_words(as_ada: Client, sandbox: Sandbox) -> None:
    connection = factories.sandbox_connection(sandbox, "vonage", name="mine")
    secrets.put(connection=connection, name="client_secret", value="wrong", by="ada")
    as_ada.post("/connections/mine/test/")
    errand = errands.next_asked()
    assert errand is not None
    errands.perform(errand)
    assert "Vonage refused the client ID or the client secret" in as_ada.get("/connections/mine/").content.decode()


def test_health_is_sent_only_when_it_changed(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    first = as_ada.get("/connections/vcc-emea/health/")
    seen = first.context["health_seen"]
    assert as_ada.get(f"/connections/vcc-emea/health/?seen={seen}").status_code == 204
    connections.pause(connection=connection, reason="Maintenance", by="ada")
    second = as_ada.get(f"/connections/vcc-emea/health/?seen={seen}")
    assert (second.status_code, b"By ada: Maintenance" in second.content) == (200, True)


def test_archiving_asks_first_and_is_refused_while_dispatches_are_open(as_ada: Client, sam: Person) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    dispatch = factories.dispatch(connection, sam, state="queued")
    assert "1 dispatch is still open" in as_ada.get("/connections/vcc-emea/archive/").content.decode()
    answer = as_ada.post("/connections/vcc-emea/archive/")
    assert (answer.status_code, b"still open" in answer.content) == (422, True)
    type(dispatch).objects.update(state="accepted")
    page = as_ada.post("/connections/vcc-emea/archive/", follow=True)
    assert "1 archived connection" in page.content.decode()


# --- the global stop ------------------------------------------------------------------------------


def test_supervisors_and_admins_stop_everything(as_sam: Client, as_ada: Client) -> None:
    assert as_sam.post("/connections/stop/", {"reason": ""}).status_code == 422
    page = as_sam.post("/connections/stop/", {"reason": "Wrong list"}, follow=True)
    assert "Wrong list" in page.content.decode()
    assert Desk.load().stopped_by == "sam"
    as_ada.post("/connections/go-on/")
    assert Desk.load().stopped_at is None
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == ["desk.stopped", "desk.resumed"]


def test_auditors_and_strangers_do_not(as_ana: Client, client: Client, db: None) -> None:
    for address in ("/connections/stop/", "/connections/go-on/"):
        assert as_ana.post(address, {"reason": "x"}).status_code == 403
        assert client.post(address, {"reason": "x"}).status_code == 401
    assert as_ana.get("/connections/go-on/").status_code == 405
    assert Desk.load().stopped_at is None
