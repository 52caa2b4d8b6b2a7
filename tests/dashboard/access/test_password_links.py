"""Password links: how somebody chooses a password once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.models import Person
from dashboard.services import people
from tests.client import PageClient
from tests.dashboard.access.signing import LONG, sign_in

pytestmark = pytest.mark.django_db


def follow(client: Client, path: str) -> str:
    """Open a link; returns the address at which the form stands."""
    opened = client.get(path)
    assert opened.status_code == 302
    token = path.rstrip("/").rpartition("/")[2]
    assert token not in opened["Location"]
    return str(opened["Location"])


def test_a_link_lets_somebody_choose_a_password_once(client: Client, sam: Person, ada: Person) -> None:
    path = people.make_link(person=sam, by=ada)
    form = follow(client, path)
    assert client.post(form, {"new": LONG, "again": LONG})["Location"] == "/sign-in/"
    assert sign_in(client, "sam", LONG).status_code == 302

    assert PageClient().get(path).status_code == 410
    assert client.post(form, {"new": LONG, "again": LONG}).status_code == 410


def test_a_link_runs_out(client: Client, sam: Person, ada: Person, settings: Any) -> None:
    path = people.make_link(person=sam, by=ada)
    settings.PASSWORD_RESET_TIMEOUT = -1
    response = client.get(path)
    assert response.status_code == 410
    assert "Ask an admin for a new one" in response.content.decode()


def test_a_link_of_a_disabled_person_is_dead(client: Client, sam: Person, ada: Person) -> None:
    path = people.make_link(person=sam, by=ada)
    people.disable(person=sam, by=ada)
    assert client.get(path).status_code == 410


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("tooshort1", "tooshort1", "at least 12 characters"),
        ("password1234", "password1234", "too common"),
        (LONG, LONG + "x", "The two passwords differ."),
        ("x" * 129, "x" * 129, "at most 128 characters"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(client: Client, sam: Person, ada: Person, new: str, again: str, said: str) -> None:
    form = follow(client, people.make_link(person=sam, by=ada))
    response = client.post(form, {"new": new, "again": again})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert new not in response.content.decode()


@pytest.mark.parametrize("path", ["/password/x/y/", "/password/MQ/choose/", "/password/OTk5OTk5OTk5OTk5OTk5OTk5OTk/a-b/"])
def test_made_up_links_are_dead(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 410


def test_the_page_says_how_long_a_link_holds(as_ada: Client, sam: Person, settings: Any) -> None:
    settings.PASSWORD_RESET_TIMEOUT = 5_400
    assert "works once, and holds for 1 h 30 min." in as_ada.post(f"/people/{sam.pk}/link/").text
