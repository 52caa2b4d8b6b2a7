"""The screens of the connections: who comes in, what each bad input says, what is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.choices import ErrandState
from dashboard.models import AuditEvent, Connection, Desk, Errand, Person, Secret
from dashboard.services import connections, errands, secrets
from providers.registry import PROVIDERS
from providers.sandbox.server import Sandbox
from tests import factories

pytestmark = pytest.mark.django_db

OWN = {
    "name": "vcc-emea",
    "environment": "test",
    "country": "GB",
    "undo_seconds": "5",
    "in_flight": "2",
    "calls": "160",
    "per_seconds": "60",
}
ADDRESS = {"address-region": "emea", "address-api_url": "", "address-token_url": ""}
ADD = "/connections/add/vonage/"


def errors(response: Any, field: str) -> str:
    entry = response.context["entry"]
    found = {**{f"address-{name}": texts for name, texts in entry.address.errors.items()}, **entry.own.errors}
    return " ".join(str(text) for text in found.get(field, ["no error"]))


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


# --- adding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_provider_has_its_form(as_ada: Client, provider: str) -> None:
    page = as_ada.get(reverse("connection_add", args=[provider]))
    limits = PROVIDERS[provider].limits
    assert page.context["entry"].own["in_flight"].value() == limits.in_flight
    assert page.context["entry"].own["calls"].value() == limits.calls


def test_an_unknown_provider_is_not_found(as_ada: Client) -> None:
    assert as_ada.get("/connections/add/nobody/").status_code == 404


def test_adding_leads_to_the_secrets(as_ada: Client) -> None:
    answer = as_ada.post(ADD, OWN | ADDRESS)
    assert answer.url == reverse("connection_secrets", args=["vcc-emea"])  # type: ignore[attr-defined]
    made = Connection.objects.get()
    assert (made.provider, made.environment, made.country, made.undo_seconds) == ("vonage", "test", "GB", 5)
    assert made.settings == {"region": "emea"}
    assert (made.lane.in_flight_limit, made.lane.calls, made.lane.per_seconds) == (2, 160, 60)


BAD: list[tuple[str, str, str]] = [
    ("name", "", "required"),
    ("name", "with space", "Only letters, digits, - and _"),
    ("name", "-first", "starting with a letter or digit"),
    ("name", "ümlaut", "Only letters"),
    ("name", "n" * 61, "at most 60 characters"),
    ("name", "Stop", "“Stop” is reserved"),
    ("name", "add", "reserved"),
    ("name", "go-on", "reserved"),
    ("environment", "staging", "not one of the available choices"),
    ("country", "GBR", "not one of the available choices"),
    ("undo_seconds", "-1", "At least 0."),
    ("undo_seconds", "121", "At most 120."),
    ("undo_seconds", "1.5", "whole number"),
    ("in_flight", "0", "At least 1."),
    ("in_flight", "65", "At most 64."),
    ("calls", "-1", "At least 0."),
    ("calls", "100001", "At most 100,000."),
    ("per_seconds", "0", "At least 1."),
    ("per_seconds", "3601", "At most 3,600."),
    ("address-region", "", "required"),
    ("address-region", "mars", "not one of the available choices"),
]


@pytest.mark.parametrize(("field", "value", "text"), BAD)
def test_bad_input_is_said_beside_its_field_and_saves_nothing(as_ada: Client, field: str, value: str, text: str) -> None:
    answer = as_ada.post(ADD, OWN | ADDRESS | {field: value})
    assert answer.status_code == 422
    assert text in errors(answer, field)
    assert not Connection.objects.exists()
    assert b"This cannot be saved or sent yet" in answer.content


@pytest.mark.parametrize(
    ("field", "value"), [("undo_seconds", "0"), ("undo_seconds", "120"), ("in_flight", "64"), ("calls", "0"), ("country", "")]
)
def test_values_at_their_limits_are_taken(as_ada: Client, field: str, value: str) -> None:
    assert as_ada.post(ADD, OWN | ADDRESS | {field: value}).status_code == 302


def test_the_vendors_own_cap_binds(as_ada: Client) -> None:
    most = PROVIDERS["acoustic"].limits.most_in_flight
    answer = as_ada.post("/connections/add/acoustic/", OWN | {"address-pod": "1", "in_flight": str(most + 1)})
    assert f"At most {most}." in errors(answer, "in_flight")
    assert as_ada.post("/connections/add/acoustic/", OWN | {"address-pod": "1", "in_flight": str(most)}).status_code == 302


def test_a_taken_name_is_said(as_ada: Client) -> None:
    factories.connection("vonage", name="VCC-EMEA")
    answer = as_ada.post(ADD, OWN | ADDRESS)
    assert "“vcc-emea” already" in errors(answer, "name")
    assert Connection.objects.count() == 1


FORBIDDEN = [
    ("https://evil.example.com", "host evil.example.com is not one that may be called. Allowed: *.api.newvoicemedia.com"),
    ("https://emea.api.newvoicemedia.com.evil.example", "not one that may be called"),
    ("http://emea.api.newvoicemedia.com", "https://"),
    ("https://emea.api.newvoicemedia.com:8443", "only 443"),
    ("https://user:pass@emea.api.newvoicemedia.com", "no user name"),
    ("https://10.0.0.1", "no valid host name"),
    ("https://169.254.169.254/latest", "no valid host name"),
    ("https://emea.api.newvoicemedia.com?x=1", "no “?”"),
]


@pytest.mark.parametrize(("address", "text"), FORBIDDEN)
@pytest.mark.parametrize("field", ["api_url", "token_url"])
def test_only_allowed_hosts_may_be_called(as_ada: Client, field: str, address: str, text: str) -> None:
    custom = {
        "address-region": "custom",
        "address-api_url": "https://emea.api.newvoicemedia.com",
        "address-token_url": "https://emea.cc.vonage.com/Auth/connect/token",
    }
    answer = as_ada.post(ADD, OWN | custom | {f"address-{field}": address})
    assert answer.status_code == 422
    assert text in errors(answer, f"address-{field}")
    assert not Connection.objects.exists()


def test_loopback_only_with_its_setting(as_ada: Client, settings: Any) -> None:
    custom = {f"address-{name}": value for name, value in factories.SETTINGS["vonage"].items()}
    settings.OUTBOUND_LOOPBACK = False
    assert "has to start with https://" in errors(as_ada.post(ADD, OWN | custom), "address-api_url")
    settings.OUTBOUND_LOOPBACK = True
    assert as_ada.post(ADD, OWN | custom).status_code == 302


def test_hosts_can_be_added_by_the_settings(as_ada: Client, settings: Any) -> None:
    custom = {
        "address-region": "custom",
        "address-api_url": "https://vcc.example.com",
        "address-token_url": "https://vcc.example.com/token",
    }
    assert as_ada.post(ADD, OWN | custom).status_code == 422
    settings.OUTBOUND_HOSTS = ("vcc.example.com",)
    assert as_ada.post(ADD, OWN | custom).status_code == 302


# --- changing -------------------------------------------------------------------------------------


def test_the_form_holds_what_is_stored(as_ada: Client) -> None:
    as_ada.post(ADD, OWN | ADDRESS | {"environment": "production"})
    entry = as_ada.get("/connections/vcc-emea/edit/").context["entry"]
    assert {name: str(entry.own[name].value()) for name in OWN} == OWN | {"environment": "production"}
    assert entry.address["region"].value() == "emea"


def test_a_changed_address_clears_the_secrets_and_says_so(as_ada: Client) -> None:
    as_ada.post(ADD, OWN | ADDRESS)
    secrets.put(connection=Connection.objects.get(), name="client_id", value="x", by="ada")
    page = as_ada.post("/connections/vcc-emea/edit/", OWN | ADDRESS | {"address-region": "nam"}, follow=True)
    assert "Its secrets were cleared with the address" in page.content.decode()
    assert not Secret.objects.exists()


def test_an_address_cannot_be_changed_while_dispatches_are_open(as_ada: Client, sam: Person) -> None:
    as_ada.post(ADD, OWN | ADDRESS)
    factories.dispatch(Connection.objects.get(), sam, state="waiting")
    assert "1 dispatch is still open" in as_ada.get("/connections/vcc-emea/edit/").content.decode()
    answer = as_ada.post("/connections/vcc-emea/edit/", OWN | ADDRESS | {"address-region": "nam"})
    assert "is still open" in answer.content.decode()
    assert Connection.objects.get().settings == {"region": "emea"}


def test_a_new_name_leads_to_its_new_page(as_ada: Client) -> None:
    as_ada.post(ADD, OWN | ADDRESS)
    answer = as_ada.post("/connections/vcc-emea/edit/", OWN | ADDRESS | {"name": "vcc-two"})
    assert answer.url == "/connections/vcc-two/"  # type: ignore[attr-defined]


# --- secrets --------------------------------------------------------------------------------------


SECRETS = "/connections/vcc-emea/secrets/"


def test_secrets_are_stored_and_the_page_tells_age_and_fingerprint(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    page = as_ada.post(SECRETS, {"client_id": " an id ", "client_secret": "a secret"}, follow=True)
    assert secrets.read(connection=connection)["client_id"] == "an id"
    assert "Test the connection" in page.content.decode()
    assert Secret.objects.get(name="client_id").fingerprint in page.content.decode()
    assert {secret.set_by for secret in Secret.objects.all()} == {"ada"}


def test_a_field_left_empty_keeps_what_is_stored(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    secrets.put_all(connection=connection, values={"client_id": "first", "client_secret": "second"}, by="ada")
    as_ada.post(SECRETS, {"client_id": "", "client_secret": "third"})
    read = secrets.read(connection=connection)
    assert (read["client_id"], read["client_secret"]) == ("first", "third")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "This field is required"),
        ({"client_id": "  ", "client_secret": "a secret"}, "This field is required"),
        ({"client_id": "one\ntwo"}, "line break or a character that cannot be seen"),
        ({"client_id": "zero​width"}, "cannot be seen"),
        ({"client_id": "x" * 4_001}, "at most 4000 characters"),
    ],
)
def test_bad_secrets_are_refused_unseen(as_ada: Client, data: dict[str, str], text: str) -> None:
    factories.connection("vonage", name="vcc-emea")
    answer = as_ada.post(SECRETS, data)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not any(value and value in answer.content.decode() for value in data.values() if value.strip())
    assert not Secret.objects.exists()


def test_nothing_typed_changes_nothing_and_says_so(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    secrets.put_all(connection=connection, values={"client_id": "first", "client_secret": "second"}, by="ada")
    answer = as_ada.post(SECRETS, {"client_id": "", "client_secret": " "})
    assert (answer.status_code, "Nothing was typed" in answer.content.decode()) == (422, True)
    assert secrets.read(connection=connection)["client_secret"] == "second"


def test_a_paused_connection_is_said_to_stay_paused(as_ada: Client) -> None:
    connection = factories.connection("vonage", name="vcc-emea")
    connections.pause(connection=connection, reason="401", by="worker")
    assert "paused and stays so" in as_ada.get(SECRETS).content.decode()
    assert "It stays paused" in as_ada.post(SECRETS, {"client_id": "x", "client_secret": "y"}, follow=True).content.decode()
    connection.refresh_from_db()
    assert connection.is_paused


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
