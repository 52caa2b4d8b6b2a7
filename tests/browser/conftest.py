"""A running desk and a real Chromium for the browser tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.acting import PATIENCE, sign_in
from tests.browser.running import RunningDesk
from tests.browser.sample import fill

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REFUSAL = "the server responded with a status of 422 "
"""What Chromium says of a form that comes back with its errors."""
expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """The browser to use; a missing one fails, it never skips."""
    found = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(found).exists(), f"Chromium is needed at {found}; install it or set CHROMIUM."
    return found


@pytest.fixture(scope="session")
def desk() -> Iterator[RunningDesk]:
    """The product, running with sample data."""
    with RunningDesk() as running:
        yield running


@pytest.fixture(scope="session")
def full_desk() -> Iterator[RunningDesk]:
    """Another one, to be looked at only: `every` fills it with a dispatch in every state."""
    with RunningDesk() as running:
        yield running


@pytest.fixture(scope="session")
def every(full_desk: RunningDesk) -> dict[str, list[str]]:
    """The addresses of every page of the full desk, by the name of its route."""
    from tests.browser import places, states

    return places.pages(fill(full_desk), states.add(full_desk))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


Enter = Callable[..., Page]


@pytest.fixture
def enter(desk: RunningDesk, browser: Browser) -> Iterator[Enter]:
    """Sign somebody in in a fresh browser: `enter("sam")`. Fails the test on any console error, which includes violations of the policy."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def entered(username: str, **options: object) -> Page:
        context = browser.new_context(base_url=desk.address, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" and REFUSAL not in message.text else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return sign_in(page, desk, username)

    yield entered
    for context in contexts:
        context.close()
    assert errors == []
