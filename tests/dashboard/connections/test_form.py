"""The form of a connection: adding and changing one, what each bad input says, what is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.models import Connection, Person, Secret
from dashboard.services import secrets
from providers.registry import PROVIDERS
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
