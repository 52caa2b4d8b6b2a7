"""Signing in: where it leads, what a refusal says, and after how many tries nobody is heard."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEvent, Person
from dashboard.services import people
from tests import factories
from tests.dashboard.access.signing import sign_in

pytestmark = pytest.mark.django_db


def refusals() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="access.sign_in_refused").order_by("id"))


# --- signing in -----------------------------------------------------------------------------------


def test_signing_in_leads_to_the_overview_and_is_recorded(client: Client, sam: Person) -> None:
    response = sign_in(client, "sam")

    assert (response.status_code, response["Location"]) == (302, "/")
    event = AuditEvent.objects.get(action="access.signed_in")
    assert (event.actor, event.actor_name, event.roles, event.address) == (sam, "sam", "supervisor", "127.0.0.1")
    assert client.session["_auth_user_id"] == str(sam.pk)


def test_letter_case_of_the_user_name_does_not_count(client: Client, sam: Person) -> None:
    assert sign_in(client, "SAM").status_code == 302


def test_it_leads_to_the_page_that_was_asked_for(client: Client, sam: Person) -> None:
    asked = client.get("/account/")
    assert asked["Location"] == "/sign-in/?next=/account/"

    page = client.get(asked["Location"])
    assert 'name="next" value="/account/"' in page.content.decode()
    assert sign_in(client, "sam", next="/account/")["Location"] == "/account/"


@pytest.mark.parametrize(("address", "asked"), [("/sign-in/?next=/account/", True), ("/sign-in/?next=/", False), ("/sign-in/", False)])
def test_it_says_that_a_page_was_asked_for_where_one_was(client: Client, address: str, asked: bool) -> None:
    assert ("to open the page you asked for" in client.get(address).content.decode()) is asked


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"])
def test_it_never_leads_to_another_site(client: Client, sam: Person, elsewhere: str) -> None:
    assert sign_in(client, "sam", next=elsewhere)["Location"] == "/"


def test_wrong_password_and_unknown_name_get_the_same_answer(client: Client, sam: Person) -> None:
    wrong = sign_in(client, "sam", "not the password")
    unknown = sign_in(client, "nobody", "not the password")

    assert wrong.status_code == unknown.status_code == 422
    assert shown(wrong) == shown(unknown) == "User name and password do not fit together. Check both and try again."
    assert "_auth_user_id" not in client.session


def test_a_disabled_person_gets_the_same_answer(client: Client, sam: Person, ada: Person) -> None:
    people.disable(person=sam, by=ada)
    assert shown(sign_in(client, "sam")).startswith("User name and password do not fit together.")


def shown(response: Any) -> str:
    match = re.search(r'role="alert"><p>([^<]*)</p>', response.content.decode())
    assert match
    return match[1]


def test_a_refusal_names_a_known_person_and_hides_anything_else(client: Client, sam: Person) -> None:
    sign_in(client, "sam", "wrong")
    sign_in(client, "my secret typed in the wrong field", "wrong")

    known, unknown = refusals()
    assert known.detail == {"name": "sam"}
    assert "secret" not in f"{unknown.detail}{unknown.object_name}{unknown.object_id}"
    assert known.object_id != unknown.object_id


# --- throttling -----------------------------------------------------------------------------------


def test_a_name_is_refused_unseen_after_too_many_tries_from_anywhere(client: Client, sam: Person, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        client.post("/sign-in/", {"username": "sam", "password": "wrong"}, REMOTE_ADDR=address)

    assert shown(sign_in(client, "sam")).startswith("Too many tries.")
    assert len(refusals()) == 3


def test_an_address_is_refused_unseen_after_too_many_tries_for_any_name(client: Client, sam: Person, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    for name in ("ann", "ben", "cid"):
        sign_in(client, name, "wrong")

    assert shown(sign_in(client, "sam")).startswith("Too many tries.")
    assert client.post("/sign-in/", {"username": "sam", "password": factories.PASSWORD}, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_an_unknown_name_is_throttled_like_a_known_one(client: Client, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 2
    for address in ("10.0.0.1", "10.0.0.2"):
        client.post("/sign-in/", {"username": "nobody", "password": "wrong"}, REMOTE_ADDR=address)
    assert shown(sign_in(client, "nobody", "wrong")).startswith("Too many tries.")


def test_refusals_elsewhere_do_not_lock_a_person_out_where_they_usually_are(client: Client, ada: Person, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 2
    sign_in(client, "ada")
    client.post("/sign-out/")
    for address in ("10.0.0.1", "10.0.0.2"):
        client.post("/sign-in/", {"username": "ada", "password": "wrong"}, REMOTE_ADDR=address)

    assert client.post("/sign-in/", {"username": "ada", "password": factories.PASSWORD}, REMOTE_ADDR="10.0.0.1").status_code == 422
    assert sign_in(client, "ada").status_code == 302


def test_old_refusals_are_forgotten(client: Client, sam: Person, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 1
    sign_in(client, "sam", "wrong")
    QuerySet(AuditEvent).update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "sam").status_code == 302
