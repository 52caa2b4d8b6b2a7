"""One flow per action: from sign-in over the form to the outcome in the history."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acting import compose, effects, in_history, outcome, send
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser


def test_route_to_an_agent_with_skills_and_a_personal_queue(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    compose(page, "Route to an agent")
    page.get_by_label("Named route").select_option(index=1)
    route = page.get_by_label("Named route").input_value()
    page.get_by_role("button", name="Add a skill").click()
    page.locator("[name=skills-0-name]").fill("Billing")
    page.get_by_role("button", name="Add a skill").click()
    page.locator("[name=skills-1-name]").fill("German")
    page.locator("[name=skills-1-mode][value=expires]").check(force=True)
    page.locator("[name=skills-1-seconds]").fill("60")
    page.get_by_label("Personal queue: agent").fill("AgentUsername")
    page.get_by_label("Wait while signed in").fill("20")
    page.get_by_label("Wait while signed out").fill("30")
    expect(page.get_by_role("region", name="The body as JSON")).to_contain_text('"loggedouttimeout"')
    send(page)
    assert outcome(page) == "Accepted"
    in_history(page, route)
    assert effects(desk, "vonage")[-1]["detail"]


def test_send_an_sms_through_a_plan(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Send an SMS through a plan")
    page.get_by_label("Named route").select_option("Send SMS")
    page.get_by_label("Mobile").fill("07700 900123")
    page.get_by_label("Country").select_option("GBR")
    page.get_by_label("Contact", exact=True).fill("Joe Bloggs")
    send(page)
    assert outcome(page) == "Accepted"
    in_history(page, "Text a customer by name")


def test_release_an_interaction_from_its_page(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Route to an agent")
    page.get_by_label("Named route").select_option(index=1)
    send(page)
    assert outcome(page) == "Accepted"
    page.get_by_role("link", name="Release").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Release an interaction")
    send(page)
    assert outcome(page) == "Accepted"


def test_send_a_published_message_after_confirming_its_audience(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    compose(page, "Send a published message")
    page.get_by_label("Published message").select_option(index=1)
    send(page)
    page.get_by_role("button", name="Send").click()
    assert outcome(page) == "Accepted"
    assert effects(desk, "acoustic")


def test_text_a_customer(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    compose(page, "Text a customer")
    page.locator("[name=end_user_number]").fill("+1 415-555-0100")
    page.locator("[name=outbound_number]").select_option(index=1)
    page.locator("[name=message]").fill("Your case is open.")
    send(page)
    assert outcome(page) == "Accepted"
    expect(page.locator("body")).not_to_contain_text("415-555-0100")
    assert effects(desk, "ccai")


def test_the_action_of_the_catalogue_registering_a_provider(enter: Enter) -> None:
    page = enter("sam")
    page.goto("/catalogue/vonage/registered_provider/add/")
    page.locator("[name=key]").fill("BrowserIntegration")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("BrowserIntegration")
    page.goto("/history/")
    first = page.locator("table tbody tr").first
    expect(first).to_contain_text("BrowserIntegration")
