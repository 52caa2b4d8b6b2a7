"""What the first load of every page weighs, as the real server transfers it to an empty browser, and that nothing comes from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Request

from dashboard.roles import Role
from tests.browser import places
from tests.browser.acting import PEOPLE, signed_in
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
MOST = 60 * 1024
"""Bytes of page, styles, scripts and pictures together."""


def first_load(context: BrowserContext, address: str) -> dict[str, int]:
    """The bytes of each thing that a page loads, by its path; all of it from the desk itself."""
    page, seen = context.new_page(), list[Request]()
    page.on("request", lambda request: seen.append(request))
    page.goto(address)
    hosts = {urlsplit(request.url).netloc for request in seen}
    assert hosts == {urlsplit(page.url).netloc}
    return {urlsplit(request.url).path: request.sizes()["responseBodySize"] for request in seen}


@pytest.mark.parametrize("role", Role)
def test_the_first_load_of_every_page_is_light(browser: Browser, full_desk: RunningDesk, every: dict[str, list[str]], role: Role) -> None:
    person = signed_in(browser, full_desk, PEOPLE[role])
    heavy = {}
    for addresses in places.first_seen_by(role, every).values():
        for address in addresses[:2]:
            empty = browser.new_context(base_url=full_desk.address, storage_state=person.context.storage_state())
            weights = first_load(empty, address)
            empty.close()
            assert any(path.endswith(".css") for path in weights)
            if sum(weights.values()) >= MOST:
                heavy[address] = weights
    person.context.close()
    assert heavy == {}
