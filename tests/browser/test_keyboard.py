"""Every action by keyboard alone: Tab, Enter, Space, arrows and the shortcuts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acting import arrived, coming_day, effects, outcome
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
FARTHEST = 120
"""Presses of Tab after which what is looked for counts as out of reach."""
HAS_FOCUS = "element => element === document.activeElement"


def reach(page: Page, target: Locator, *, back: bool = False) -> None:
    """Go to something by Tab, or by Shift+Tab."""
    expect(target).to_be_visible()
    for _press in range(FARTHEST):
        if target.evaluate(HAS_FOCUS):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def press(page: Page, target: Locator, key: str = "Enter", *, back: bool = False) -> None:
    reach(page, target, back=back)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str, *, back: bool = False) -> None:
    """Replace what stands in a field."""
    reach(page, target, back=back)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def choose(page: Page, action: str) -> None:
    """From anywhere to the form of an action."""
    page.keyboard.press("g")
    page.keyboard.press("c")
    arrived(page, "Compose a dispatch")
    press(page, page.get_by_role("navigation", name="What should happen?").get_by_role("link", name=action))
    arrived(page, action)


def pick(page: Page, field: Locator, value: str) -> None:
    """Choose an option of a select by the arrow keys."""
    reach(page, field)
    for _press in range(FARTHEST):
        if field.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is no option")


def test_sign_in_route_to_an_agent_and_read_the_outcome(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    page.context.clear_cookies()
    page.goto("/")
    write(page, page.get_by_label("User name"), "sam")
    write(page, page.get_by_label("Password"), desk.passwords["sam"])
    page.keyboard.press("Enter")
    arrived(page, "Overview")

    choose(page, "Route to an agent")
    pick(page, page.get_by_label("Named route"), "CrmCallRouting")
    add = page.get_by_role("button", name="Add a skill")
    press(page, add)
    expect(page.locator("[name=skills-0-name]")).to_be_focused()
    page.keyboard.type("Billing")
    press(page, add, "Space", back=True)
    expect(page.locator("[name=skills-1-name]")).to_be_focused()
    page.keyboard.type("German")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[name=skills-1-mode][value=expires]")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("90")
    expect(page.get_by_text("1 min 30 s")).to_be_visible()
    press(page, add, back=True)
    expect(page.locator("[name=skills-2-name]")).to_be_focused()
    page.keyboard.type("VIP")
    press(page, page.get_by_role("button", name="Remove Skills 3"))
    expect(page.locator("[name=skills-2-name]")).to_have_count(0)
    expect(add).to_be_focused()
    expect(page.locator("[name=skills-1-seconds]")).to_have_value("90")
    expect(page.get_by_role("region", name="The body as JSON")).to_contain_text('"expiryafter": 90')
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"
    assert effects(desk, "vonage")

    page.keyboard.press("g")
    page.keyboard.press("h")
    arrived(page, "History")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Route to an agent: CrmCallRouting")


def test_send_an_sms_through_a_plan_whose_fields_come_with_the_route(enter: Enter) -> None:
    page = enter("sam")
    choose(page, "Send an SMS through a plan")
    pick(page, page.get_by_label("Named route"), "Send SMS")
    write(page, page.get_by_label("Mobile"), "07700 900124")
    expect(page.get_by_label("Country")).to_have_value("GBR")
    write(page, page.get_by_label("Contact", exact=True), "Joe Bloggs")
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"


def test_release_from_the_page_of_a_dispatch(enter: Enter) -> None:
    page = enter("sam")
    choose(page, "Route to an agent")
    pick(page, page.get_by_label("Named route"), "APIRouting")
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"
    press(page, page.get_by_role("link", name="Release"))
    arrived(page, "Release an interaction")
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"


def test_send_a_published_message_with_the_second_look(enter: Enter) -> None:
    page = enter("sam")
    choose(page, "Send a published message")
    reach(page, page.get_by_label("Published message"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("look once more")
    page.wait_for_load_state()
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"


def test_text_a_customer_after_an_error(enter: Enter) -> None:
    page = enter("sam")
    choose(page, "Text a customer")
    write(page, page.locator("[name=end_user_number]"), "12")
    pick(page, page.locator("[name=outbound_number]"), "+16285550199")
    write(page, page.locator("[name=message]"), "Your case is open.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=end_user_number]")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("+1 415-555-0177")
    page.keyboard.press("Control+Enter")
    assert outcome(page) == "Accepted"


def test_a_list_is_searched_walked_and_opened(enter: Enter) -> None:
    page = enter("sam")
    page.goto("/catalogue/vonage/skill/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("vip")
    page.keyboard.press("Enter")
    expect(page.locator("a.rowlink")).to_have_count(1)
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.locator("a.rowlink")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("VIP")


def test_schedule_and_take_back(enter: Enter) -> None:
    page = enter("sam")
    choose(page, "Route to an agent")
    pick(page, page.get_by_label("Named route"), "APIRouting")
    press(page, page.locator("summary", has_text="Schedule"))
    expect(page.get_by_label("Send at")).to_be_focused()
    page.keyboard.type(f"{coming_day():%m%d%Y}0930AM")
    press(page, page.get_by_role("button", name="Schedule it"))
    expect(page.locator("#live .pill").first).to_have_text("Scheduled")
    press(page, page.get_by_role("button", name="Take it back"))
    expect(page.locator("#live .pill").first).to_have_text("Cancelled")
