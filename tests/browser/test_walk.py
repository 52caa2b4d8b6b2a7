"""A walk through every page of the product, as everybody: accessible in both themes, without an error, without sideways scroll."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Response, ViewportSize, expect

from dashboard.roles import Role
from tests.browser import places
from tests.browser.acting import PEOPLE, signed_in
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that a theme can break; all others look at what stands on the page."""
AXE = """async (rules) => {
  const found = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" and ")}`);
}"""
FOLD = "unfolded => document.querySelectorAll('details').forEach((one) => (one.open = unfolded))"


@pytest.fixture
def desk(full_desk: RunningDesk) -> RunningDesk:
    """The desk that holds everything."""
    return full_desk


def problems(page: Page) -> list[str]:
    """What is wrong with a page: with everything unfolded in both themes, and narrow."""
    found = ["scrolls sideways"] * _sideways(page)
    page.evaluate(AXE_SCRIPT)
    page.evaluate(FOLD, True)
    found += page.evaluate(AXE, TAGS)
    page.emulate_media(color_scheme="dark")
    found += [f"dark, {one}" for one in page.evaluate(AXE, COLOURS)]
    page.set_viewport_size(NARROW)
    found += ["narrow and unfolded, scrolls sideways"] * _sideways(page)
    page.evaluate(FOLD, False)
    found += ["narrow, scrolls sideways"] * _sideways(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    headings = page.locator("h1").count()
    return found + ([] if headings == 1 else [f"{headings} h1 elements"])


def _sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


class Walk:
    """Somebody's way through pages; what the browser complains of counts as a problem of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.found: dict[str, list[str]] = {}
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size(WIDE)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look(self, path: str, *, status: int = 200) -> None:
        """Open a page and note what is wrong with it."""
        answer = self.page.goto(path)
        self.hold(path, answer, status)

    def hold(self, path: str, answer: Response | None, status: int = 200) -> None:
        """Note what is wrong with the page that is open."""
        wrong = problems(self.page)
        got = answer.status if answer else 0
        expected = f"Failed to load resource: the server responded with a status of {status} "
        wrong += [one for one in self.complaints if status < 400 or not one.startswith(expected)]
        wrong += [] if got == status else [f"answered {got}"]
        self.complaints.clear()
        if wrong:
            self.found[path] = wrong


def test_every_route_is_walked_or_is_no_page(every: dict[str, list[str]]) -> None:
    assert every.keys() | places.POSTED | places.PARTS | places.MACHINES == places.routes().keys()
    assert all(every.values())


@pytest.mark.parametrize("role", Role)
def test_every_page_as_everybody(browser: Browser, desk: RunningDesk, every: dict[str, list[str]], role: Role) -> None:
    walk = Walk(signed_in(browser, desk, PEOPLE[role]))
    for address in places.seen_by(role, every):
        walk.look(address)
    walk.page.context.close()
    assert walk.found == {}


def test_every_page_for_nobody_in_particular(browser: Browser, desk: RunningDesk, every: dict[str, list[str]]) -> None:
    walk = Walk(browser.new_context(base_url=desk.address).new_page())
    for address in places.open_to_all(every):
        walk.look(address, status=410 if "/used/" in address else 200)
    walk.look("/nothing/", status=404)
    walk.page.context.close()
    assert walk.found == {}


def test_error_pages(browser: Browser, desk: RunningDesk, every: dict[str, list[str]]) -> None:
    walk = Walk(signed_in(browser, desk, "sam"))
    walk.look("/nothing-here/", status=404)
    walk.look("/people/", status=403)
    walk.look("/doubts/decide/", status=405)
    walk.look("/dispatches/nothing/", status=404)
    walk.page.goto("/compose/ccai-sandbox/text/")
    walk.page.locator("[name=message]").evaluate("field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(2600000) }")
    walk.hold("413", _pressed(walk.page, "Send now"), 413)
    walk.page.goto("/compose/ccai-sandbox/text/")
    walk.page.locator("#compose [name=csrfmiddlewaretoken]").evaluate("field => field.value = 'old'")
    walk.hold("csrf", _pressed(walk.page, "Send now"), 403)
    walk.page.context.close()
    assert walk.found == {}


def _pressed(page: Page, button: str) -> Response:
    with page.expect_response(lambda answer: answer.request.is_navigation_request()) as answer:
        page.get_by_role("button", name=button).click()
    page.wait_for_load_state()
    return answer.value


def test_forms_with_errors_and_the_second_look(browser: Browser, desk: RunningDesk, every: dict[str, list[str]]) -> None:
    walk = Walk(signed_in(browser, desk, "sam"))
    for address in every["compose_form"]:
        walk.page.goto(address)
        walk.hold(f"{address} with errors", *_wrongly_sent(walk.page))
    walk.page.goto("/compose/acoustic-sandbox/send/")
    walk.page.get_by_label("Published message").select_option(index=1)
    walk.hold("second look", _pressed(walk.page, "Send now"))
    walk.page.goto("/compose/vonage-sandbox/route/")
    walk.hold("preset", _pressed(walk.page, "Save preset"))
    walk.hold("preset with errors", _pressed(walk.page, "Save the preset"), 422)
    walk.page.goto("/compose/paste/")
    walk.page.get_by_label("JSON or curl").fill("{}")
    walk.hold("paste with errors", _pressed(walk.page, "Fill in the form"), 422)
    walk.page.context.close()
    assert walk.found == {}


def _wrongly_sent(page: Page) -> tuple[Response, int]:
    answer = _pressed(page, "Send now")
    expect(page.get_by_role("alert").first).to_be_visible()
    return answer, 422


def test_opened_menus_and_the_help(browser: Browser, desk: RunningDesk, every: dict[str, list[str]]) -> None:
    page = signed_in(browser, desk, "sam")
    walk = Walk(page)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.goto("/compose/vonage-sandbox/route/")
            page.evaluate(AXE_SCRIPT)
            if size == NARROW:
                page.get_by_role("button", name="Menu").click()
                assert page.evaluate(AXE, TAGS) == []
                page.keyboard.press("Escape")
            page.get_by_text("Load a preset").click()
            assert page.evaluate(AXE, TAGS) == []
            page.keyboard.press("?")
            expect(page.get_by_role("dialog")).to_be_visible()
            assert page.evaluate(AXE, TAGS) == []
            assert not _sideways(page)
    page.context.close()
    assert walk.complaints == []


def test_no_browser_reported_a_breach_of_the_policy(desk: RunningDesk, every: dict[str, list[str]]) -> None:
    assert "A browser refused something" not in desk.log("web")


def test_reduced_motion_and_forced_colours_say_the_same(browser: Browser, desk: RunningDesk, every: dict[str, list[str]]) -> None:
    plain = Walk(signed_in(browser, desk, "sam")).page
    page = signed_in(browser, desk, "sam")
    forced = Walk(page)
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    for address in ("/history/", "/catalogue/", *every["dispatch"]):
        before, there, after = said(plain, address), said(page, address), said(plain, address)
        assert there in (before, after)  # midnight may have struck in between
        assert page.evaluate("document.getAnimations().length") == 0
    plain.context.close()
    page.context.close()
    assert forced.complaints == []


def said(page: Page, address: str) -> str:
    """The words of a page."""
    page.goto(address)
    return page.locator("main").inner_text()
