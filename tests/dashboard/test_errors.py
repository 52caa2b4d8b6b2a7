"""Error pages in the desk's own look, for anonymous and signed-in people."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.client import PageClient

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["anonymous", "signed in"])
def browser(request: pytest.FixtureRequest) -> Client:
    client: Client = request.getfixturevalue("as_sam" if request.param == "signed in" else "client")
    return client


def check(response: Any, status: int, heading: str) -> str:
    page = str(response.content.decode())
    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in page
    assert response["X-Request-ID"] in page
    assert "css/tokens" in page
    return page


def test_404(browser: Client) -> None:
    check(browser.get("/nothing/"), 404, "There is no such page")


def test_405_names_what_is_allowed(browser: Client) -> None:
    response = browser.get("/sign-out/")
    check(response, 405, "This address cannot be used like that")
    assert response["Allow"] == "POST"


def test_400_for_a_host_that_is_not_ours(browser: Client) -> None:
    check(browser.get("/sign-in/", HTTP_HOST="evil.example"), 400, "This request cannot be read")


@pytest.mark.parametrize("setting", ["DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS"])
def test_413_for_too_much(browser: Client, settings: Any, setting: str) -> None:
    setattr(settings, setting, 2)
    response = PageClient.post(browser, "/sign-in/", {"username": "x", "password": "y", "more": "z"})
    check(response, 413, "That was too much at once")


def test_403_says_who_decides(as_sam: Client) -> None:
    page = check(as_sam.get("/people/"), 403, "This is not yours to do")
    assert "An admin decides who may do what." in page


def test_500_shows_nothing_of_what_went_wrong(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail +14155550100")

    monkeypatch.setattr("dashboard.queries.health.readiness", fail)
    browser.raise_request_exception = False
    page = check(browser.get("/readyz"), 500, "Something went wrong here")
    assert "secret detail" not in page
    assert "RuntimeError" not in page


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_500_asks_nothing_of_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, theme: str
) -> None:
    monkeypatch.setattr("dashboard.queries.health.readiness", lambda: 1 / 0)
    client.raise_request_exception = False
    client.cookies["desk-theme"] = theme
    with django_assert_num_queries(0):
        page = client.get("/readyz").content.decode()
    assert f'data-theme="{theme}"' in page


def test_signed_in_people_keep_their_navigation(as_sam: Client, client: Client) -> None:
    assert 'aria-label="Main"' in as_sam.get("/nothing/").content.decode()
    assert 'aria-label="Main"' not in PageClient().get("/nothing/").content.decode()
