"""Sessions: how they begin and end."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from dashboard.models import AuditEvent, Person
from dashboard.services import people
from tests.dashboard.access.signing import sign_in

pytestmark = pytest.mark.django_db


def test_signing_out_ends_the_session_and_clears_the_browser(client: Client, sam: Person) -> None:
    sign_in(client, "sam")
    old = client.cookies["desk-session"].value
    response = client.post("/sign-out/")

    assert (response["Location"], response["Clear-Site-Data"]) == ("/sign-in/", '"cache", "storage"')
    client.cookies["desk-session"] = old
    assert client.get("/account/").status_code == 302
    assert AuditEvent.objects.filter(action="access.signed_out", actor=sam).count() == 1


def test_signing_in_changes_the_session_key(client: Client, sam: Person) -> None:
    sign_in(client, "sam")
    first = client.cookies["desk-session"].value
    client.post("/sign-out/")
    sign_in(client, "sam")
    assert client.cookies["desk-session"].value != first


def age(client: Client, **seconds: float) -> None:
    session = client.session
    for name, ago in seconds.items():
        session[name] = time.time() - ago
    session.save()


def test_an_idle_session_ends(as_sam: Client, settings: Any) -> None:
    as_sam.get("/account/")
    age(as_sam, seen=settings.SESSION_IDLE_SECONDS + 1)
    assert as_sam.get("/account/").status_code == 302


def test_a_session_of_an_admin_ends_sooner(as_sam: Client, as_ada: Client, settings: Any) -> None:
    for client in (as_sam, as_ada):
        client.get("/account/")
        age(client, seen=settings.SESSION_IDLE_SECONDS_ADMIN + 1)
    assert as_sam.get("/account/").status_code == 200
    assert as_ada.get("/account/").status_code == 302


def test_a_session_ends_after_eight_hours_however_busy(as_sam: Client, settings: Any) -> None:
    as_sam.get("/account/")
    age(as_sam, since=settings.SESSION_COOKIE_AGE + 1)
    assert as_sam.get("/account/").status_code == 302


def test_a_page_that_asks_by_itself_keeps_no_session_alive(as_sam: Client) -> None:
    as_sam.get("/account/")
    age(as_sam, seen=600)
    before = as_sam.session["seen"]
    as_sam.get("/account/", HTTP_HX_REQUEST="true")
    assert as_sam.session["seen"] == before
    as_sam.get("/account/")
    assert as_sam.session["seen"] > before


def test_what_an_admin_changes_ends_sessions_at_once(as_sam: Client, sam: Person, ada: Person) -> None:
    assert as_sam.get("/account/").status_code == 200
    people.change(person=sam, changes={"is_auditor": True}, by=ada)
    assert as_sam.get("/account/").status_code == 302


def test_disabling_ends_sessions_at_once(as_sam: Client, sam: Person, ada: Person) -> None:
    assert as_sam.get("/account/").status_code == 200
    people.disable(person=sam, by=ada)
    assert as_sam.get("/account/").status_code == 302
