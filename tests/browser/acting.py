"""What people do in a browser: sign in, compose, send, and read what became of it."""

from __future__ import annotations

import json
import re
import urllib.request
from datetime import date, datetime, time, timedelta
from typing import Any

from playwright.sync_api import Browser, Page, expect

from dashboard.roles import Role
from tests.browser.running import RunningDesk

PATIENCE = 60_000.0
"""Milliseconds after which something that should come is not waited for any more."""
PEOPLE = {Role.SUPERVISOR: "sam", Role.ADMIN: "ada", Role.AUDITOR: "ana"}
"""Who holds which role in the sample data."""


def sign_in(page: Page, desk: RunningDesk, username: str) -> Page:
    """The same page, with one of the sample people signed in."""
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(desk.passwords[username])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def signed_in(browser: Browser, desk: RunningDesk, username: str) -> Page:
    """A page of a fresh browser in which that person is signed in."""
    page = browser.new_context(base_url=desk.address).new_page()
    page.set_default_timeout(PATIENCE)
    return sign_in(page, desk, username)


def compose(page: Page, action: str) -> None:
    """From the overview to the form of an action."""
    page.get_by_role("link", name="Compose", exact=True).first.click()
    page.get_by_role("navigation", name="What should happen?").get_by_role("link", name=action).click()
    arrived(page, action)


def arrived(page: Page, heading: str) -> None:
    """Wait for the page of that heading, and for its scripts: keys and choices that come before them are lost."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.wait_for_load_state()


def coming_day() -> datetime:
    """Half past nine of a day to come: less than a year ahead, and a time that exists however clocks are changed."""
    return datetime.combine(date.today() + timedelta(days=100), time(9, 30))


def send(page: Page) -> None:
    page.get_by_role("button", name="Send now").click()


def outcome(page: Page) -> str:
    """The outcome on the dispatch's own page, once it is settled."""
    pill = page.locator("#live .pill").first
    expect(pill).to_have_text(re.compile("Accepted|Rejected|Not sent|In doubt"))
    page.wait_for_load_state()
    return pill.inner_text()


def in_history(page: Page, target: str) -> None:
    """The newest line of the history."""
    page.get_by_role("link", name="History", exact=True).first.click()
    first = page.locator("table tbody tr").first
    expect(first).to_contain_text(target)
    expect(first).to_contain_text("Accepted")


def effects(desk: RunningDesk, vendor: str) -> list[dict[str, Any]]:
    """What would have reached people."""
    with urllib.request.urlopen(f"{desk.sandbox}/_sandbox/ledger") as answer:
        found = json.load(answer)
    return [each for each in (found["effects"] if isinstance(found, dict) else found) if each["vendor"] == vendor]
