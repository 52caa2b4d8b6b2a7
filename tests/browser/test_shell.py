"""The frame of every page in a real browser: accessibility in both themes, narrow screens, keyboard, themes, an ended session."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.acting import arrived
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
Theme = Literal["light", "dark"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}
SCREENS = {
    "": ["/sign-in/", "/password/x/y/", "/nothing/"],
    "ada": ["/people/", "/people/add/", "/people/1/", "/account/", "/account/password/", "/audit/", "/audit/?who=nobody"],
    "sam": ["/account/"],
}


def faults(page: Page) -> list[str]:
    """What axe finds on a page."""
    return [f"{fault['id']}: {fault['nodes'][0]['target']}" for fault in Axe().run(page, options=RULES).response["violations"]]


def sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", SCREENS)
def test_screens_are_accessible_and_never_scroll_sideways(
    enter: Enter, desk: RunningDesk, browser: Browser, who: str, theme: Theme
) -> None:
    page = enter(who, color_scheme=theme) if who else browser.new_context(base_url=desk.address, color_scheme=theme).new_page()
    found = {}
    for path in SCREENS[who]:
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.goto(path)
            if problems := faults(page) + ["scrolls sideways"] * sideways(page):
                found[path, size["width"]] = problems
    assert found == {}


def test_opened_menus_and_dialogs_are_accessible(enter: Enter) -> None:
    page = enter("ada", viewport=NARROW, reduced_motion="reduce")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert faults(page) == []


def test_the_menu_needs_no_script(enter: Enter) -> None:
    page = enter("sam", viewport=NARROW, java_script_enabled=False)
    link = page.get_by_role("link", name="History", exact=True)
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History")


def test_the_keyboard_leads_everywhere(enter: Enter) -> None:
    page = enter("sam")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    for letter, heading in (("c", "Compose a dispatch"), ("h", "History"), ("d", "In doubt"), ("o", "Overview")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        arrived(page, heading)
    page.keyboard.press("g")
    page.keyboard.press("h")
    arrived(page, "History")
    page.keyboard.press("/")
    page.keyboard.type("ghj?")
    expect(page.get_by_role("searchbox")).to_have_value("ghj?")


def test_single_key_shortcuts_can_be_switched_off(enter: Enter) -> None:
    page = enter("sam")
    page.keyboard.press("?")
    page.get_by_label("Shortcuts by a single key").uncheck()
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_rows_of_a_list_are_reached_by_j_and_k(enter: Enter) -> None:
    page = enter("ada")
    page.goto("/people/")
    for key, name in (("j", "ada"), ("j", "ana"), ("j", "sam"), ("j", "sam"), ("k", "ana")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Auditor")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_theme_changes_and_stays(enter: Enter, scripts: bool) -> None:
    page = enter("sam", color_scheme="light", java_script_enabled=scripts)
    page.goto("/account/")
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/history/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/account/")
    page.get_by_role("button", name="As the system").click()
    expect(page.get_by_role("button", name="As the system")).to_have_attribute("aria-pressed", "true")
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_first_tab_skips_to_the_content(enter: Enter) -> None:
    page = enter("sam")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_focus_is_visible_on_everything_that_takes_it(enter: Enter) -> None:
    page = enter("ada")
    page.goto("/people/add/")
    seen = 0
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body"):
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        seen += 1
        page.keyboard.press("Tab")
    assert seen > 20


def sign_in(page: Page, desk: RunningDesk) -> None:
    page.get_by_label("User name").fill("sam")
    page.get_by_label("Password").fill(desk.passwords["sam"])
    page.get_by_role("button", name="Sign in").click()


def test_what_was_typed_survives_the_end_of_a_session(browser: Browser, desk: RunningDesk) -> None:
    page = browser.new_context(base_url=desk.address).new_page()
    page.goto("/sign-in/")
    sign_in(page, desk)
    page.goto("/compose/vonage-sandbox/route/")
    page.get_by_label("Display name").fill("Case Friendly Name")
    page.get_by_role("button", name="Add a skill").click()
    with page.expect_response("**/preview/"):
        page.locator("[name=skills-0-name]").fill("Billing")
    page.context.clear_cookies(name="desk-session")
    page.get_by_label("Media type").fill("Case")
    expect(page.locator("#session-ended")).to_contain_text("Your session has ended.")

    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("status")).to_contain_text("What you typed is kept")
    sign_in(page, desk)
    expect(page.get_by_role("heading", level=1)).to_have_text("Go on where you were")
    page.get_by_role("button", name="Go on with what I typed").click()
    expect(page.get_by_label("Display name")).to_have_value("Case Friendly Name")
    expect(page.locator("[name=skills-0-name]")).to_have_value("Billing")


def test_printing_leaves_the_navigation_out(enter: Enter) -> None:
    page = enter("ana")
    page.goto("/audit/")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("table")).to_be_visible()


def test_forced_colours_keep_states_apart(enter: Enter) -> None:
    page = enter("ada", forced_colors="active")
    page.goto("/people/")
    pill = page.locator(".pill").first
    assert re.match(r"[1-9]", pill.evaluate("element => getComputedStyle(element).borderTopWidth"))
