"""Narrow screens: what sends is always in view, and what has the focus is never behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import outcome
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk
from tests.browser.sample import ROUTE, compose

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
HIDDEN = """() => {
  const bar = document.querySelector(".preview > footer, .form-end"), focused = document.activeElement;
  if (!bar || bar.contains(focused) || focused === document.body) return "";
  const box = focused.getBoundingClientRect(), over = bar.getBoundingClientRect();
  return box.top >= over.top - 1 || box.bottom <= 0 ? focused.outerHTML.slice(0, 120) : "";
}"""
"""What has the focus and is wholly behind the bar of buttons, or above the window."""


def test_sending_is_in_view_at_the_top_and_at_the_end_of_a_long_form(enter: Enter) -> None:
    page = enter("sam", viewport=NARROW)
    page.goto("/compose/vonage-sandbox/route/")
    send = page.get_by_role("button", name="Send now")
    expect(send).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(send).to_be_in_viewport(ratio=1)
    expect(page.locator("#attention")).to_be_in_viewport()
    page.get_by_role("link", name="See what will be sent").click()
    expect(page.get_by_role("heading", name="What will be sent")).to_be_in_viewport()
    page.locator("summary", has_text="Schedule").click()
    expect(page.get_by_label("Send at")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.get_by_label("Named route").select_option("CrmCallRouting")
    send.click()
    assert outcome(page) == "Accepted"


@pytest.mark.parametrize(("who", "path"), [("sam", "/compose/vonage-sandbox/route/"), ("ada", "/connections/vonage-sandbox/edit/")])
def test_what_has_the_focus_is_never_behind_the_buttons(enter: Enter, who: str, path: str) -> None:
    page = enter(who, viewport=NARROW)
    page.goto(path)
    assert hidden_ones(page, "Tab", 60) == []
    assert hidden_ones(page, "Shift+Tab", 60) == []


def hidden_ones(page: Page, key: str, presses: int) -> list[str]:
    """What was behind the bar while walking through the page with that key."""
    found = []
    for _ in range(presses):
        page.keyboard.press(key)
        if hidden := page.evaluate(HIDDEN):
            found.append(hidden)
    return found


def test_a_request_and_its_ids_can_be_copied(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam", viewport=NARROW, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/dispatches/{compose(desk, 'route', 'vonage-sandbox', {**ROUTE, 'externalid': 'narrow-1'})}/")
    page.get_by_role("button", name="Copy as curl").click()
    copied = copy(page, "curl ")
    assert copied.startswith("curl --request POST http://127.0.0.1:")
    assert '"externalid":"narrow-1"' in copied.replace('": "', '":"')
    assert "Authorization: Bearer <ACCESS_TOKEN>" in copied
    page.get_by_role("button", name="Copy the external id").click()
    assert copy(page, "narrow-1") == "narrow-1"


def copy(page: Page, beginning: str) -> str:
    """What the clipboard holds, once it begins so."""
    page.wait_for_function("async (words) => (await navigator.clipboard.readText()).startsWith(words)", arg=beginning)
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_going_back_to_a_sent_text_leads_to_its_number(enter: Enter) -> None:
    page = enter("sam")
    page.goto("/compose/ccai-sandbox/text/")
    page.locator("[name=end_user_number]").fill("+1 415-555-0171")
    page.locator("[name=outbound_number]").select_option(index=1)
    page.locator("[name=message]").fill("Your case is open.")
    page.get_by_role("button", name="Send now").click()
    assert outcome(page) == "Accepted"
    page.go_back()
    page.locator("#preview").get_by_role("link", name="Compose again from").click()
    expect(page.locator("[name=end_user_number]")).to_have_value("+14155550171")
