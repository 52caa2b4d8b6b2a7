"""A session that ended while somebody typed: the form is kept through signing in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from dashboard.models import Person
from dashboard.services import kept
from tests.client import PageClient
from tests.dashboard.access.signing import sign_in

pytestmark = pytest.mark.django_db
TYPED = {"intent": "send", "message": "Dear <customer> & co", "skills-0-name": "Billing", "csrfmiddlewaretoken": "x"}


def field_value(response: Any, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert match, f"no {name}"
    return match[1]


def test_a_form_sent_without_a_session_is_kept_through_signing_in(client: Client, sam: Person) -> None:
    lost = client.post("/compose/paste/", TYPED)
    assert lost.status_code == 401
    sealed = field_value(lost, "kept")
    assert "Billing" not in sealed

    back = sign_in(client, "sam", kept=sealed)
    page = back.content.decode()
    assert back.status_code == 200
    assert 'action="/compose/paste/"' in page
    assert 'name="message" value="Dear &lt;customer&gt; &amp; co"' in page
    assert 'name="skills-0-name" value="Billing"' in page
    assert 'name="intent"' not in page


def test_a_wrong_password_keeps_the_form_too(client: Client, sam: Person) -> None:
    sealed = field_value(client.post("/compose/paste/", TYPED), "kept")
    again = sign_in(client, "sam", "wrong", kept=sealed)
    assert field_value(again, "kept") == sealed


@pytest.mark.parametrize("path", ["/account/password/", "/people/add/"])
def test_forms_that_can_hold_secrets_are_not_kept(client: Client, db: None, path: str) -> None:
    lost = client.post(path, {"new": "a secret password", "again": "a secret password"})
    assert lost.status_code == 401
    assert 'name="kept" value=' not in lost.content.decode()
    assert "a secret password" not in lost.content.decode()


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "%%%", "eyJwYXRoIjoiLyJ9"])
def test_what_was_not_sealed_here_is_ignored(client: Client, sam: Person, sealed: str) -> None:
    assert sign_in(client, "sam", kept=sealed).status_code == 302


def test_a_kept_form_runs_out(client: Client, sam: Person, settings: Any) -> None:
    sealed = field_value(client.post("/compose/paste/", TYPED), "kept")
    settings.FORM_LIFE = -1.0
    assert kept.unseal(sealed) is None
    assert sign_in(client, "sam", kept=sealed).status_code == 302


def test_htmx_is_told_in_a_fragment_that_the_session_has_ended(client: Client, db: None) -> None:
    response = client.post("/account/", HTTP_HX_REQUEST="true")
    assert response.status_code == 401
    assert 'id="session-ended"' in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_form_from_before_a_new_sign_in_can_be_sent_again(sam: Person) -> None:
    client = PageClient(enforce_csrf_checks=True)
    client.force_login(sam)
    response = client.post("/compose/paste/", TYPED, HTTP_SEC_FETCH_SITE="same-origin")

    page = response.content.decode()
    assert response.status_code == 403
    assert "You have signed in anew" in page
    assert 'name="skills-0-name" value="Billing"' in page


def test_a_form_from_elsewhere_is_not_offered_again(sam: Person) -> None:
    client = PageClient(enforce_csrf_checks=True)
    client.force_login(sam)
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        response = client.post("/compose/paste/", TYPED, headers=headers)
        assert response.status_code == 403
        assert "Billing" not in response.content.decode()
