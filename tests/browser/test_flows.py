"""What happens around a dispatch: sending it once, taking it back, sending it later, starting from something that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import coming_day, compose, effects, outcome, send
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
ROUTE = "CrmCallRouting"
CURL = """curl -X POST "https://emea.api.newvoicemedia.com/interactions/invoke" \\
  -H "Authorization: Bearer very-secret-token" -H "Content-Type: application/json" \\
  --data '{"provider": "CrmIntegration", "requests": [{"action": "dispatch", "requestid": "9f0f1ad2-6b09-4f69-8d9f-0f2f5a3c7d11",
    "externalid": "case-77", "route": "CrmCallRouting", "linkeddata": [{"type": "name", "value": "From a terminal"}]}]}'
"""


def fill(page: Page, name: str) -> None:
    """A form that can be sent."""
    compose(page, "Route to an agent")
    page.get_by_label("Named route").select_option(ROUTE)
    page.get_by_label("Display name").fill(name)


def pill(page: Page, text: str) -> None:
    expect(page.locator("#live .pill").first).to_have_text(text)


def test_a_double_click_sends_once(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    fill(page, "Twice")
    before = len(effects(desk, "vonage"))
    page.get_by_role("button", name="Send now").dblclick()
    assert outcome(page) == "Accepted"
    assert len(effects(desk, "vonage")) == before + 1


def test_going_back_and_sending_again_is_noticed(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    fill(page, "First")
    send(page)
    assert outcome(page) == "Accepted"
    before = len(effects(desk, "vonage"))
    page.go_back()
    expect(page.get_by_label("Display name")).to_have_value("First")
    expect(page.locator("#preview")).to_contain_text("First")
    send(page)
    expect(page.get_by_role("alert").first).to_contain_text("What stands here now was not sent")
    assert len(effects(desk, "vonage")) == before
    send(page)
    assert outcome(page) == "Accepted"
    assert len(effects(desk, "vonage")) == before + 1


def test_going_back_from_the_second_look_keeps_what_was_entered(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Send a published message")
    page.get_by_label("Published message").select_option(index=2)
    page.get_by_label("Message name").fill("Going back")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("look once more")
    page.go_back()
    expect(page.get_by_label("Message name")).to_have_value("Going back")
    expect(page.locator("#preview")).to_contain_text("Going back")
    send(page)
    page.get_by_role("button", name="Send through").click()
    assert outcome(page) == "Accepted"


def test_a_form_sent_from_two_tabs_goes_out_once(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    fill(page, "Two tabs")
    form = page.locator("#compose").evaluate("form => [...new FormData(form)]")
    send(page)
    assert outcome(page) == "Accepted"
    before, address = len(effects(desk, "vonage")), page.url
    page.goto("/compose/vonage-sandbox/route/")
    page.locator("#compose").evaluate(
        """(form, values) => {
          const again = Object.assign(document.createElement("form"), { method: "post", action: form.action });
          const field = (name, value) => Object.assign(document.createElement("input"), { name, value });
          again.append(...[...values, ["intent", "send"]].map(([name, value]) => field(name, value)));
          document.body.append(again);
          again.submit();
        }""",
        form,
    )
    expect(page.get_by_text("This form was sent already.")).to_be_visible()
    assert (page.url, len(effects(desk, "vonage"))) == (address, before)


def test_scheduled_listed_and_cancelled(enter: Enter) -> None:
    page, at = enter("sam"), coming_day()
    fill(page, "Later")
    page.locator("summary", has_text="Schedule").click()
    page.get_by_label("Send at").fill(at.isoformat(timespec="minutes"))
    expect(page.locator("#preview")).to_contain_text(f"{at:%A} {at.day} {at:%B %Y}, 09:30")
    page.get_by_role("button", name="Schedule it").click()
    pill(page, "Scheduled")
    page.goto("/scheduled/")
    row = page.locator("tbody tr", has_text=ROUTE).first
    expect(row).to_contain_text(re.compile(f"{at.day} {at:%b}( {at.year})?, 09:30"))
    row.get_by_role("button", name="Cancel").click()
    pill(page, "Cancelled")


@pytest.fixture
def undo(enter: Enter) -> Iterator[None]:
    """An undo window of a minute on the connection that texts customers."""
    set_undo(enter("ada"), "60")
    yield
    set_undo(enter("ada"), "0")


def set_undo(page: Page, seconds: str) -> None:
    page.goto("/connections/ccai-sandbox/edit/")
    page.locator("[name=undo_seconds]").fill(seconds)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ccai-sandbox")


@pytest.mark.usefixtures("undo")
def test_the_undo_window_lets_a_dispatch_be_taken_back_or_sent_at_once(enter: Enter, desk: RunningDesk) -> None:
    page = enter("sam")
    before = len(effects(desk, "ccai"))
    text(page, "+1 415-555-0151")
    pill(page, "Can be undone")
    page.get_by_role("button", name="Take it back").click()
    pill(page, "Cancelled")
    assert len(effects(desk, "ccai")) == before

    text(page, "+1 415-555-0152")
    page.get_by_role("button", name="Send now").click()
    pill(page, "Accepted")
    assert len(effects(desk, "ccai")) == before + 1


def text(page: Page, number: str) -> None:
    compose(page, "Text a customer")
    expect(page.get_by_text("Can be taken back for 60 seconds.")).to_be_visible()
    page.locator("[name=end_user_number]").fill(number)
    page.locator("[name=outbound_number]").select_option(index=1)
    page.locator("[name=message]").fill("Your case is open.")
    send(page)


def test_a_preset_asks_for_what_was_left_open(enter: Enter) -> None:
    page = enter("sam")
    fill(page, "Kept name")
    page.get_by_label("Media type").fill("Case")
    page.get_by_role("button", name="Save preset").click()
    page.get_by_label("Name", exact=True).fill("Escalate")
    page.get_by_label("Media type").check()
    page.get_by_label("Display name").uncheck()
    page.get_by_role("button", name="Save the preset").click()
    expect(page.get_by_label("Display name")).to_have_value("Kept name")

    page.goto("/presets/")
    page.get_by_role("link", name="Escalate").click()
    expect(page.get_by_role("status").first).to_contain_text("Fill in: Media type")
    expect(page.get_by_label("Display name")).to_have_value("Kept name")
    expect(page.get_by_label("Media type")).to_have_value("")
    send(page)
    assert outcome(page) == "Accepted"


def test_a_pasted_curl_fills_the_form_and_leaves_the_credential_out(enter: Enter) -> None:
    page = enter("sam")
    page.goto("/compose/paste/")
    page.get_by_label("JSON or curl").fill(CURL)
    page.get_by_role("button", name="Fill in the form").click()
    expect(page.get_by_label("Display name")).to_have_value("From a terminal")
    expect(page.get_by_label("Named route")).to_have_value(ROUTE)
    expect(page.get_by_label("Request ID")).to_have_value("9f0f1ad2-6b09-4f69-8d9f-0f2f5a3c7d11")
    assert "very-secret-token" not in page.content()
    send(page)
    assert outcome(page) == "Accepted"


def test_a_recent_target_starts_the_form(enter: Enter) -> None:
    page = enter("sam")
    fill(page, "Recent")
    send(page)
    assert outcome(page) == "Accepted"
    page.get_by_role("link", name="Compose", exact=True).first.click()
    page.get_by_role("region", name="Recent targets").get_by_role("link", name=ROUTE).first.click()
    expect(page.get_by_label("Named route")).to_have_value(ROUTE)


def test_the_fields_that_stay_are_those_of_the_last_choice(enter: Enter) -> None:
    page = enter("sam")
    compose(page, "Send an SMS through a plan")
    for route in ("SendSMS", "Send SMS", "SendSMS", "Send SMS"):
        page.get_by_label("Named route").select_option(route)
    expect(page.get_by_label("Mobile")).to_be_visible()
    expect(page.get_by_label("From", exact=True)).to_have_count(0)
    expect(page.get_by_label("Named route")).to_have_value("Send SMS")


def test_the_overview_renews_itself(enter: Enter) -> None:
    page = enter("sam")
    accepted = page.locator(".figures .value").first
    before = int(accepted.inner_text().replace(",", ""))
    other = enter("sam")
    fill(other, "Seen elsewhere")
    send(other)
    assert outcome(other) == "Accepted"
    expect(accepted).to_have_text(str(before + 1))
