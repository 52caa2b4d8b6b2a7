"""What one enters is what goes out: nothing half typed, nothing cut off, nothing lost, and at the time that was chosen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acting import compose
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser


def test_half_a_date_is_not_taken_for_none(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Send a published message")
    page.get_by_label("Published message").select_option(index=1)
    expect(page.get_by_text("Everything needed is filled in.")).to_be_visible()
    date = page.locator("[name=scheduled_date]")
    date.focus()
    page.keyboard.type("1224")
    page.get_by_label("Contact source").focus()
    wrong = page.locator("#id_scheduled_date_error")
    expect(wrong).to_be_visible()
    date.focus()
    date.evaluate("control => { control.value = '' }")
    page.get_by_label("Contact source").focus()
    expect(wrong).to_have_count(0)
    date.focus()
    page.keyboard.type("1224")
    page.get_by_label("Contact source").focus()
    expect(wrong).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Scheduled date")
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a published message")


def test_what_is_too_long_is_said_and_kept(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Text a customer")
    text = "🙂" * 1_700
    page.locator("[name=message]").focus()
    page.keyboard.insert_text(text)
    expect(page.locator("[name=message]")).to_have_value(text)
    counter = page.locator("#id_message_counter")
    expect(counter).to_have_text("1700 of 1600")
    expect(counter).to_have_attribute("data-over", "")
    page.locator("[name=end_user_number]").focus()
    expect(page.locator("#id_message_error")).to_contain_text("1600")


def test_what_was_typed_for_a_route_is_there_again_when_it_is_chosen_again(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Send an SMS through a plan")
    route = page.get_by_label("Named route")
    route.select_option("SendSMS")
    page.get_by_label("Message").fill("Your order has left.")
    route.select_option("Send SMS")
    expect(page.get_by_label("Mobile")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_count(0)
    route.select_option("SendSMS")
    expect(page.get_by_label("Message")).to_have_value("Your order has left.")


def test_sending_by_keyboard_while_a_time_is_chosen_schedules(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Route to an agent")
    page.get_by_label("Named route").select_option("CrmCallRouting")
    page.locator("summary", has_text="Schedule").click()
    page.get_by_role("button", name=re.compile("Tomorrow")).first.click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#live .pill").first).to_have_text("Scheduled")


def test_searching_from_another_page_leads_into_the_search_field(enter: Enter) -> None:
    page = enter("sam")
    page.goto("/presets/")
    page.keyboard.press("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("desk-")
    expect(page.locator("#search")).to_have_value("desk-")
