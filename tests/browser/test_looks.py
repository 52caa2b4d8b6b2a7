"""How pages look and behave where the medium is not a bright screen: on paper, in forced colours, without motion, and left open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk
from tests.browser.sample import ROUTE, compose

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def routed(desk: RunningDesk) -> str:
    """The reference of a dispatch that was accepted."""
    return compose(desk, "route", "vonage-sandbox", {**ROUTE, "externalid": "looks-1"})


def colours(page: Page, selector: str) -> list[str]:
    """The different fills of what matches."""
    script = "(found) => [...new Set(found.map((one) => getComputedStyle(one).fill))]"
    return [str(colour) for colour in page.locator(selector).evaluate_all(script)]


def test_a_dispatch_is_printed_whole(enter: Enter, routed: str) -> None:
    page = enter("sam", color_scheme="dark", viewport={"width": 690, "height": 900})
    page.goto(f"/dispatches/{routed}/")
    page.emulate_media(media="print")
    for unwanted in (page.get_by_role("navigation"), page.get_by_role("button", name="Copy"), page.get_by_text("What next")):
        expect(unwanted.first).to_be_hidden()
    for wanted in ("Request as sent", "Answer as received", "Authorization", "Bearer ••••", "looks-1"):
        expect(page.get_by_text(wanted).first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("pre.code").evaluate_all("(found) => found.every((one) => one.scrollHeight <= one.clientHeight)")
    assert len(page.pdf()) > 10_000


def test_the_history_is_printed_without_its_filters(enter: Enter, routed: str) -> None:
    page = enter("sam", viewport={"width": 690, "height": 900})
    page.goto("/history/")
    page.emulate_media(media="print")
    expect(page.get_by_role("table", name="Dispatches, newest first")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Outcome")).to_be_visible()
    expect(page.get_by_text("Dispatch Desk, as of")).to_be_visible()
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.get_by_label("Outcome", exact=True)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_forced_colours_leave_shapes_and_words(enter: Enter, routed: str) -> None:
    page = enter("sam", forced_colors="active")
    page.goto("/")
    chart = page.get_by_role("img", name="Dispatches by hour")
    expect(chart).to_be_visible()
    background = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert background not in colours(page, ".chart .good")
    current = page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview")
    assert current.evaluate("(link) => getComputedStyle(link).outlineStyle") == "solid"
    page.goto(f"/dispatches/{routed}/")
    dot = "(found) => found.map((one) => getComputedStyle(one, '::before').backgroundColor)"
    assert background not in page.locator(".timeline > li").evaluate_all(dot)
    assert page.locator(".pill").first.evaluate("(pill) => getComputedStyle(pill).borderStyle") == "solid"


def test_nothing_moves_for_those_who_want_no_motion(enter: Enter) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
        const { transitionDuration, animationName } = getComputedStyle(one);
        return parseFloat(transitionDuration) > 0 || animationName !== "none";
    }).length"""
    page = enter("sam", reduced_motion="reduce")
    for path in ("/", "/history/", "/compose/vonage-sandbox/route/"):
        page.goto(path)
        assert page.evaluate(moving) == 0
    lively = enter("sam", reduced_motion="no-preference")
    lively.goto("/")
    assert lively.evaluate(moving) > 0


def test_an_overview_left_open_renews_itself_and_keeps_what_was_opened(enter: Enter, desk: RunningDesk, routed: str) -> None:
    page = enter("sam")
    page.goto("/")
    accepted = page.get_by_text("Accepted", exact=True).first.locator("xpath=following-sibling::dd[1]")
    before = int(accepted.inner_text())
    page.get_by_text("The numbers as a table").click()
    page.get_by_role("link", name="All scheduled").focus()
    compose(desk, "route", "vonage-sandbox", {**ROUTE, "externalid": "looks-2"})
    expect(accepted).to_have_text(str(before + 1))
    expect(page.get_by_role("table", name="Dispatches by outcome over time")).to_be_visible()
    expect(page.get_by_role("link", name="All scheduled")).to_be_focused()
