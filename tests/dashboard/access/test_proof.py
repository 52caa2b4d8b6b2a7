"""The password once more, before people, roles and credentials are changed by whoever sits at an open session."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from dashboard.models import AuditEvent, Person, Secret
from tests import factories

pytestmark = pytest.mark.django_db
AGAIN = "Your password, once more"
CHANGED = {"name": "Sam Adams", "time_zone": "Europe/Berlin", "roles": ["supervisor", "auditor"]}


@pytest.fixture
def stale(as_ada: Client, settings: Any) -> Client:
    """An admin whose password was given too long ago."""
    as_ada.get("/account/")
    session = as_ada.session
    session["proved"] = time.time() - settings.PROOF_SECONDS - 1
    session.save()
    return as_ada


def test_a_fresh_sign_in_is_proof_enough(as_ada: Client, sam: Person) -> None:
    assert as_ada.post(f"/people/{sam.pk}/", CHANGED).status_code == 302
    assert Person.objects.get(pk=sam.pk).is_auditor


def test_a_change_of_roles_asks_and_carries_what_was_chosen(stale: Client, sam: Person) -> None:
    page = stale.post(f"/people/{sam.pk}/", CHANGED)
    assert (page.status_code, AGAIN in page.text) == (200, True)
    assert '<input type="hidden" name="roles" value="auditor">' in page.text
    assert not Person.objects.get(pk=sam.pk).is_auditor

    assert stale.post(f"/people/{sam.pk}/", CHANGED | {"proof": factories.PASSWORD}).status_code == 302
    changed = Person.objects.get(pk=sam.pk)
    assert (changed.is_auditor, changed.time_zone) == (True, "Europe/Berlin")
    assert AuditEvent.objects.filter(action="access.proved", actor__username="ada").count() == 1


@pytest.mark.parametrize("proof", ["", "not it", "x" * 500])
def test_a_wrong_password_changes_nothing_and_counts(stale: Client, sam: Person, proof: str) -> None:
    page = stale.post(f"/people/{sam.pk}/", CHANGED | {"proof": proof})
    assert (page.status_code, "This is not your password." in page.text) == (422, True)
    assert '<input type="hidden" name="name" value="Sam Adams">' in page.text
    assert "not it" not in page.text
    assert not Person.objects.get(pk=sam.pk).is_auditor
    assert AuditEvent.objects.filter(action="access.sign_in_refused").count() == 1


def test_too_many_wrong_ones_close_the_door(stale: Client, sam: Person, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 2
    for _try in range(2):
        stale.post(f"/people/{sam.pk}/", CHANGED | {"proof": "not it"})
    page = stale.post(f"/people/{sam.pk}/", CHANGED | {"proof": factories.PASSWORD})
    assert "Too many tries." in page.text
    assert not Person.objects.get(pk=sam.pk).is_auditor


@pytest.mark.parametrize("what", ["link", "disable", "enable"])
def test_so_do_links_and_disabling(stale: Client, sam: Person, what: str) -> None:
    page = stale.post(f"/people/{sam.pk}/{what}/")
    assert AGAIN in page.text
    assert "/password/" not in page.text
    assert Person.objects.get(pk=sam.pk).is_active
    done = stale.post(f"/people/{sam.pk}/{what}/", {"proof": factories.PASSWORD})
    assert AGAIN not in done.text


def test_a_person_is_added_only_with_it(stale: Client) -> None:
    new = {"username": "eve", "time_zone": "UTC"}
    assert AGAIN in stale.post("/people/add/", new).text
    assert not Person.objects.filter(username="eve").exists()
    stale.post("/people/add/", new | {"proof": factories.PASSWORD})
    assert Person.objects.filter(username="eve").exists()


def test_reading_needs_none(stale: Client, sam: Person) -> None:
    for path in ("/people/", "/people/add/", f"/people/{sam.pk}/", "/connections/"):
        assert AGAIN not in stale.get(path).text


def test_secrets_ask_before_anything_is_typed(stale: Client) -> None:
    factories.connection("vonage", name="vcc")
    assert AGAIN in stale.get("/connections/vcc/secrets/").text
    back = stale.post("/connections/vcc/secrets/", {"proof": factories.PASSWORD})
    assert (back.status_code, back["Location"]) == (302, "/connections/vcc/secrets/")
    assert AGAIN not in stale.get("/connections/vcc/secrets/").text


def test_a_secret_that_was_typed_is_neither_stored_nor_carried(stale: Client) -> None:
    factories.connection("vonage", name="vcc")
    page = stale.post("/connections/vcc/secrets/", {"client_id": "an id", "client_secret": "hushhush"})
    assert "Nothing was stored" in page.text
    assert "hushhush" not in page.text
    done = stale.post("/connections/vcc/secrets/", {"client_id": "an id", "client_secret": "hushhush", "proof": factories.PASSWORD})
    assert done.status_code == 302
    assert not Secret.objects.exists()


def test_it_is_asked_of_nobody_who_may_not(as_sam: Client, sam: Person, settings: Any) -> None:
    settings.PROOF_SECONDS = 0
    assert as_sam.post(f"/people/{sam.pk}/", CHANGED | {"proof": factories.PASSWORD}).status_code == 403
