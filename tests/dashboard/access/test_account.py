"""One's own account: password, time zone, theme."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import Person
from tests import factories
from tests.client import PageClient
from tests.dashboard.access.signing import LONG

pytestmark = pytest.mark.django_db


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
