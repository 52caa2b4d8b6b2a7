"""The page of a connection's secrets: what is stored, what is refused unseen."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import Secret
from dashboard.services import connections, secrets
from tests import factories

pytestmark = pytest.mark.django_db
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
