"""Choosing among ten thousand: searched by typing, picked by arrow keys or pointer, and sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.acting import effects, outcome
from tests.browser.conftest import Enter
from tests.browser.running import RunningDesk

pytestmark = pytest.mark.browser
FORM = "/compose/vonage-sandbox/route/"
GROW = """
from dashboard.models import CatalogueItem, Connection
vcc = Connection.objects.get(name="vonage-sandbox")
plan = {"properties": [{"key": "note", "kind": "text", "label": "A note"}]}
for kind, data in (("route", plan), ("skill", {}), ("agent", {})):
    rows = [CatalogueItem(connection=vcc, kind=kind, key=f"{kind}-{n:05}", label=f"Desk {n:05} of us", data=data) for n in range(10_000)]
    CatalogueItem.objects.bulk_create(rows, batch_size=1_000)
route = CatalogueItem.objects.get(connection=vcc, kind="route", key="CrmCallRouting")
route.label = "Calls from the customers’ desk"
route.save()
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[RunningDesk]:
    """A desk whose catalogue holds ten thousand of each kind."""
    with RunningDesk() as running:
        running.manage("shell", "-v0", "-c", GROW)
        yield running


def opened(page: Page) -> Page:
    page.goto(FORM)
    return page


def route(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Named route")


def picks(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def test_a_route_is_found_by_the_middle_of_its_label_and_sent_by_keyboard(enter: Enter, desk: RunningDesk) -> None:
    page = opened(enter("sam"))
    route(page).focus()
    page.keyboard.type("customers’ d")
    expect(picks(page)).to_have_count(1)
    expect(route(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(route(page)).to_have_attribute("aria-activedescendant", "pick-0")
    with page.expect_response(f"**{FORM}"):
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.address}{FORM}")
    expect(route(page)).to_have_value("Calls from the customers’ desk")
    expect(route(page)).to_be_focused()
    expect(page.locator("#preview")).to_contain_text("through Calls from the customers’ desk")
    page.get_by_role("button", name="Send now").focus()
    page.keyboard.press("Enter")
    assert outcome(page) == "Accepted"
    assert effects(desk, "vonage")[-1]["detail"]["route"] == "CrmCallRouting"


def test_a_route_that_is_picked_brings_its_property_fields(enter: Enter) -> None:
    page, fetched = opened(enter("sam")), list[str]()
    page.on("request", lambda request: fetched.append(request.url) if request.method == "POST" and request.url.endswith(FORM) else None)
    route(page).press_sequentially("9123 of")
    expect(picks(page)).to_have_count(1)
    picks(page).first.click()
    expect(page.get_by_label("A note")).to_be_visible()
    page.get_by_label("A note").press_sequentially("Back door")
    expect(page.locator("#preview")).to_contain_text("Back door")
    assert len(fetched) == 1
    expect(route(page)).to_have_value("Desk 09123 of us")


def test_more_than_can_be_shown_is_said_and_enter_alone_sends_nothing(enter: Enter) -> None:
    page = opened(enter("sam"))
    field = route(page)
    field.press_sequentially("desk")
    expect(page.get_by_role("status").filter(has_text="and 9,951 more: keep typing")).to_be_visible()
    expect(picks(page)).to_have_count(50)
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_have_value("desk")
    page.keyboard.press("ArrowDown")
    expect(picks(page)).to_have_count(50)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(picks(page)).to_have_count(50)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("has no named route “desk”")


def test_an_answer_that_is_out_of_date_changes_nothing(enter: Enter) -> None:
    page, held = opened(enter("sam")), list[Route]()

    def late(asked: Route) -> None:
        """What was typed first is answered last."""
        if asked.request.url.endswith("q=1"):
            held.append(asked)
        else:
            asked.continue_()

    page.route("**/suggestions/route/**", late)
    field = route(page)
    with page.expect_request("**/suggestions/route/*q=1"):
        field.press_sequentially("1")
    field.press_sequentially("234 of", delay=10)
    expect(picks(page)).to_have_text(["Desk 01234 of usroute-01234"])
    with page.expect_response("**/suggestions/route/*q=1") as answer:
        held[0].continue_()
    answer.value.finished()
    page.wait_for_timeout(500)
    expect(picks(page)).to_have_text(["Desk 01234 of usroute-01234"])
    expect(field).to_have_value("1234 of")


def test_rows_that_come_later_search_too_and_take_any_value(enter: Enter) -> None:
    page = opened(enter("sam"))
    add = page.get_by_role("button", name="Add a skill")
    add.click()
    expect(page.locator("[name=skills-0-name]")).to_be_focused()
    page.keyboard.type("00042")
    expect(picks(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[name=skills-0-name]")).to_have_value("skill-00042")
    add.click()
    expect(page.locator("[name=skills-1-name]")).to_be_focused()
    page.keyboard.type("Kitchen")
    expect(page.locator("#id_skills-1-name_beside")).to_have_text("Not in the catalogue; sent as typed.")
    expect(page.locator("#id_skills-0-name_beside")).to_contain_text("Desk 00042 of us")


def test_without_a_script_the_first_are_suggested_and_any_may_be_typed(desk: RunningDesk, enter: Enter) -> None:
    page = opened(enter("sam", java_script_enabled=False))
    field = route(page)
    assert page.locator(f"#{field.get_attribute('list')} option").count() == 50
    field.fill("Desk 07777 of us")
    page.get_by_role("button", name="Show the fields of this choice").click()
    expect(page.get_by_label("A note")).to_be_visible()
    expect(route(page)).to_have_value("Desk 07777 of us")


def test_the_form_is_light(browser: Browser, desk: RunningDesk, enter: Enter) -> None:
    known = enter("sam").context.storage_state()
    empty = browser.new_context(base_url=desk.address, storage_state=known)
    page, seen = empty.new_page(), []
    page.on("requestfinished", lambda request: seen.append(request))
    page.goto(FORM)
    assert sum(request.sizes()["responseBodySize"] for request in seen) < 60 * 1024
    empty.close()
