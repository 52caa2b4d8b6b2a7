"""The desk without JavaScript: every action, errors, lists, decisions, set-up."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import coming_day
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk
from tests.browser.sample import TEXT, compose, lose_next_answer

pytestmark = pytest.mark.browser
PATIENCE = 60.0
"""Seconds in which a page that is loaded again and again must say what is waited for."""


@pytest.fixture
def page(enter: Enter) -> Page:
    """The supervisor's browser, which runs no script."""
    return enter("sam", java_script_enabled=False)


def choose(page: Page, action: str) -> None:
    page.get_by_role("link", name="Compose", exact=True).first.click()
    page.get_by_role("navigation", name="What should happen?").get_by_role("link", name=action).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(action)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def until(page: Page, text: str, place: str = "#live .pill") -> None:
    """Load the page again until it says so."""
    ends = time.monotonic() + PATIENCE
    while text not in page.locator(place).first.inner_text():
        assert time.monotonic() < ends, page.locator("main").inner_text()
        time.sleep(0.3)
        page.reload()


def test_route_to_an_agent_with_rows_errors_and_a_release(page: Page) -> None:
    choose(page, "Route to an agent")
    page.get_by_label("Named route").select_option("CrmCallRouting")
    press(page, "Add a skill")
    page.locator("[name=skills-0-name]").fill("Billing")
    press(page, "Add a skill")
    page.locator("[name=skills-1-name]").fill("German")
    press(page, "Add a skill")
    page.locator("[name=skills-2-name]").fill("VIP")
    page.get_by_label("Display name").fill("A case")
    press(page, "Remove Skills 1")
    expect(page.locator("[name=skills-0-name]")).to_have_value("German")
    expect(page.locator("[name=skills-1-name]")).to_have_value("VIP")
    expect(page.get_by_label("Named route")).to_have_value("CrmCallRouting")

    page.locator("[name=skills-0-mode][value=expires]").check(force=True)
    press(page, "Send now")
    expect(page.get_by_role("alert")).to_contain_text("This cannot be saved or sent yet:")
    expect(page.get_by_label("Display name")).to_have_value("A case")
    page.locator("[name=skills-0-seconds]").fill("90")
    press(page, "Check what will be sent")
    expect(page.get_by_role("region", name="The body as JSON")).to_contain_text('"expiryafter": 90')
    press(page, "Send now")
    until(page, "Accepted")

    page.get_by_role("link", name="Release").click()
    press(page, "Send now")
    until(page, "Accepted")


def test_the_fields_of_a_route_come_by_a_button(page: Page) -> None:
    choose(page, "Send an SMS through a plan")
    page.get_by_label("Named route").select_option("Send SMS")
    press(page, "Show the fields of this choice")
    page.get_by_label("Mobile").fill("07700 900125")
    page.get_by_label("Contact", exact=True).fill("Joe Bloggs")
    press(page, "Send now")
    until(page, "Accepted")


def test_a_published_message_after_the_second_look(page: Page) -> None:
    choose(page, "Send a published message")
    page.get_by_label("Published message").select_option(index=2)
    press(page, "Send now")
    expect(page.get_by_role("heading", level=1)).to_contain_text("look once more")
    press(page, "Back to the form")
    expect(page.get_by_label("Published message")).not_to_have_value("")
    press(page, "Send now")
    press(page, "Send through acoustic-sandbox")
    until(page, "Accepted")


def test_text_a_customer_and_find_it_by_its_number(page: Page) -> None:
    choose(page, "Text a customer")
    page.locator("[name=end_user_number]").fill("+1 415-555-0126")
    page.locator("[name=outbound_number]").select_option(index=1)
    page.locator("[name=message]").fill("Your case is open.")
    press(page, "Send now")
    until(page, "Accepted")
    page.get_by_role("link", name="History", exact=True).first.click()
    page.get_by_role("searchbox").fill("(415) 555-0126")
    press(page, "Search")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert not [digits for digits in ("555-0126", "5550126") if digits in page.url]
    page.get_by_label("Provider").select_option("acoustic")
    press(page, "Filter")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_schedule_and_take_back(page: Page) -> None:
    choose(page, "Route to an agent")
    page.get_by_label("Named route").select_option("CrmCallRouting")
    page.locator("summary", has_text="Schedule").click()
    page.get_by_label("Send at").fill(coming_day().isoformat(timespec="minutes"))
    press(page, "Schedule it")
    expect(page.locator("#live .pill").first).to_have_text("Scheduled")
    page.get_by_role("link", name="Scheduled", exact=True).click()
    expect(page.locator("tbody tr").first).to_contain_text("CrmCallRouting")
    page.locator("tbody tr").first.get_by_role("button", name="Cancel").click()
    expect(page.locator("#live .pill").first).to_have_text("Cancelled")


def test_decide_about_a_doubt(page: Page, desk: RunningDesk) -> None:
    lose_next_answer(desk, "ccai", "/apps/api/v1/sms")
    ref = compose(desk, "text", "ccai-sandbox", {**TEXT, "end_user_number": "+1 415-555-0127"})
    page.get_by_role("link", name="In doubt").first.click()
    page.locator(f"a[href='/dispatches/{ref}/']").click()
    press(page, "Record")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("It arrived").check(force=True)
    page.get_by_role("textbox", name="Reason").fill("Seen in the portal.")
    press(page, "Record")
    expect(page.locator(".timeline")).to_contain_text("sam decided: It arrived")


def test_keep_a_preset_and_start_from_it(page: Page) -> None:
    choose(page, "Route to an agent")
    page.get_by_label("Named route").select_option("APIRouting")
    page.get_by_label("Display name").fill("Without a script")
    press(page, "Save preset")
    page.get_by_label("Name", exact=True).fill("Plain preset")
    page.get_by_label("Display name").uncheck()
    press(page, "Save the preset")
    page.get_by_role("link", name="Presets", exact=True).first.click()
    page.get_by_role("link", name="Plain preset").click()
    expect(page.get_by_label("Display name")).to_have_value("Without a script")


def test_add_to_the_catalogue_with_rows(page: Page) -> None:
    page.goto("/catalogue/vonage/route/add/")
    page.locator("[name=key]").fill("Plain Route")
    page.get_by_role("button", name="Add a property").click()
    expect(page.locator("[name=key]")).to_have_value("Plain Route")
    page.locator("[name=properties-0-key]").fill("Case")
    page.locator("[name=properties-0-label]").fill("Case number")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Plain Route")
    choose(page, "Route to an agent")
    page.get_by_label("Named route").select_option("Plain Route")
    press(page, "Show the fields of this choice")
    expect(page.get_by_label("Case number")).to_have_count(1)


def test_a_connection_is_tested(enter: Enter) -> None:
    page = enter("ada", java_script_enabled=False)
    page.goto("/connections/acoustic-sandbox/")
    page.get_by_role("button", name="Test").first.click()
    until(page, "Done", "main")
