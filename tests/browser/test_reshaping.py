"""The form changes under one's hands, when a choice brings other fields or a row comes or goes, and nothing done meanwhile is lost."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.acting import compose
from tests.browser.conftest import Enter

pytestmark = pytest.mark.browser
ROUTE = "CrmCallRouting"


def opened(page: Page) -> Page:
    """The form of a dispatch, whose parts take their time to come."""
    compose(page, "Route to an agent")
    page.route("**/compose/vonage-sandbox/route/", slowly)
    return page


def slowly(route: Route) -> None:
    time.sleep(0.4)
    route.continue_()


def add(page: Page) -> Locator:
    return page.get_by_role("button", name="Add a skill")


def skill(page: Page, number: int) -> Locator:
    return page.locator(f"[name=skills-{number}-name]")


def test_a_row_asked_for_while_a_choice_is_under_way_comes_after_it(enter: Enter) -> None:
    page = opened(enter("sam"))
    page.get_by_label("Named route").select_option(ROUTE)
    add(page).click()
    expect(skill(page, 0)).to_be_focused()
    expect(page.get_by_label("Named route")).to_have_value(ROUTE)
    skill(page, 0).fill("Sales")
    add(page).click()
    expect(skill(page, 1)).to_be_focused()
    expect(skill(page, 0)).to_have_value("Sales")


def test_two_rows_asked_for_at_once_both_come(enter: Enter) -> None:
    page = opened(enter("sam"))
    add(page).dblclick()
    expect(skill(page, 1)).to_be_focused()


def test_a_row_is_removed_once_however_often_its_button_is_pressed(enter: Enter) -> None:
    page = opened(enter("sam"))
    for number, name in enumerate(("Sales", "German")):
        add(page).click()
        skill(page, number).fill(name)
    page.get_by_role("button", name="Remove Skills 1").dblclick()
    expect(skill(page, 1)).to_have_count(0)
    page.wait_for_timeout(1_000)
    expect(skill(page, 0)).to_have_value("German")


def test_a_button_held_down_while_the_fields_change_still_does_its_work(enter: Enter) -> None:
    page = opened(enter("sam"))
    box = add(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
    page.wait_for_timeout(300)
    page.mouse.up()
    expect(skill(page, 0)).to_be_focused()
    expect(page.get_by_label("Named route")).to_have_value(ROUTE)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_button_reached_by_keyboard_while_the_fields_change_keeps_the_focus(enter: Enter, key: str) -> None:
    page = opened(enter("sam"))
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
        add(page).focus()
    page.wait_for_timeout(300)
    expect(add(page)).to_be_focused()
    page.keyboard.press(key)
    expect(skill(page, 0)).to_be_focused()


def test_a_button_held_down_by_space_while_the_fields_change_still_does_its_work(enter: Enter) -> None:
    page = opened(enter("sam"))
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
        add(page).focus()
        page.keyboard.down("Space")
    page.wait_for_timeout(300)
    page.keyboard.up("Space")
    expect(skill(page, 0)).to_be_focused()
    expect(page.get_by_label("Named route")).to_have_value(ROUTE)


def test_a_fold_reached_by_keyboard_while_the_fields_change_keeps_the_focus(enter: Enter) -> None:
    page = opened(enter("sam"))
    fold = page.locator("summary", has_text="Identifiers")
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
        fold.focus()
    page.wait_for_timeout(300)
    expect(fold).to_be_focused()


def test_one_goes_on_typing_where_one_was(enter: Enter) -> None:
    page = opened(enter("sam"))
    name = page.get_by_label("Display name")
    name.fill("Ada Lovelace")
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
        name.focus()
        name.evaluate("control => control.setSelectionRange(4, 4)")
    page.wait_for_timeout(300)
    page.keyboard.type("King ")
    expect(name).to_have_value("Ada King Lovelace")


def test_everything_in_the_form_that_takes_the_focus_can_be_found_again(enter: Enter) -> None:
    page = opened(enter("sam"))
    add(page).click()
    expect(skill(page, 0)).to_be_focused()
    nameless = page.locator("#compose :is(a, button, summary, select, textarea, input:not([type=hidden])):not([id]):not([tabindex='-1'])")
    expect(nameless.locator("visible=true")).to_have_count(0)


def test_what_is_typed_and_opened_meanwhile_stays(enter: Enter) -> None:
    page = opened(enter("sam"))
    with page.expect_response("**/compose/vonage-sandbox/route/"):
        page.get_by_label("Named route").select_option(ROUTE)
        page.locator("summary", has_text="Identifiers").click()
        page.get_by_label("External ID").fill("case-4711")
        page.get_by_label("Display name").fill("Ada")
    page.wait_for_timeout(300)
    expect(page.get_by_label("External ID")).to_be_visible()
    expect(page.get_by_label("External ID")).to_have_value("case-4711")
    expect(page.get_by_label("Display name")).to_have_value("Ada")
