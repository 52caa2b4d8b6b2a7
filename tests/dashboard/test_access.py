"""Signing in and out, sessions, password links, what was typed when a session had ended."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEvent, Person
from dashboard.services import kept, people
from tests import factories
from tests.client import PageClient

pytestmark = pytest.mark.django_db
LONG = "another long enough password"


def sign_in(client: Client, username: str, password: str = factories.PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **more})


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
    AuditEvent.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "sam").status_code == 302


# --- sessions -------------------------------------------------------------------------------------


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


# --- a session that ended while somebody typed ----------------------------------------------------

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


# --- password links -------------------------------------------------------------------------------


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


# --- one's own account ----------------------------------------------------------------------------


def test_a_new_password_needs_the_present_one(as_sam: Client, sam: Person) -> None:
    refused = as_sam.post("/account/password/", {"current": "wrong", "new": LONG, "again": LONG})
    assert refused.status_code == 422
    assert "This is not your present password." in refused.content.decode()

    done = as_sam.post("/account/password/", {"current": factories.PASSWORD, "new": LONG, "again": LONG})
    assert done["Location"] == "/account/"
    assert as_sam.get("/account/").status_code == 200


def test_a_new_password_ends_the_other_sessions(as_sam: Client, sam: Person) -> None:
    other = PageClient()
    other.force_login(sam)
    as_sam.post("/account/password/", {"current": factories.PASSWORD, "new": LONG, "again": LONG})
    assert other.get("/account/").status_code == 302


def test_whoever_must_choose_a_password_can_do_nothing_else_first(as_sam: Client, sam: Person) -> None:
    Person.objects.update(must_choose_password=True)
    assert as_sam.get("/account/")["Location"] == "/account/password/"
    assert as_sam.post("/account/", {"time_zone": "UTC"})["Location"] == "/account/password/"
    as_sam.post("/account/password/", {"current": factories.PASSWORD, "new": LONG, "again": LONG})
    assert as_sam.get("/account/").status_code == 200


def test_times_are_shown_in_the_chosen_zone(as_sam: Client, sam: Person) -> None:
    as_sam.post("/account/", {"time_zone": "Asia/Kolkata"})
    sam.refresh_from_db()
    assert sam.time_zone == "Asia/Kolkata"
    assert as_sam.post("/account/", {"time_zone": "Mars/Olympus"}).status_code == 422


@pytest.mark.parametrize(("chosen", "attribute"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ("system", "")])
def test_the_theme_is_kept_in_a_cookie(client: Client, db: None, chosen: str, attribute: str) -> None:
    client.cookies["desk-theme"] = "dark"
    assert client.post("/account/theme/", {"theme": chosen, "next": "/sign-in/"})["Location"] == "/sign-in/"
    page = client.get("/sign-in/").content.decode()
    assert attribute in page if attribute else "data-theme=" not in page


def test_a_theme_cookie_with_something_else_is_ignored(client: Client, db: None) -> None:
    client.cookies["desk-theme"] = '"><script>'
    assert "data-theme=" not in client.get("/sign-in/").content.decode()
