"""`make pictures`: every screen of the running product, in both themes, wide and narrow, and the page that shows them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.acting import compose, sign_in
from tests.browser.conftest import FLAGS, chromium
from tests.browser.running import ROOT, RunningDesk
from tests.browser.sample import Sample, fill
from tests.browser.spread import spread

PICTURES = ROOT / "docs" / "pictures"
WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 960}, "narrow": {"width": 320, "height": 720}}
THEMES = ("light", "dark")
AHEAD = {
    "Route to an agent": {"route": "CrmCallRouting", "name": "Call back: order 4711"},
    "Text a customer": {"end_user_number": "+1 415-555-0123", "outbound_number": "+16285550199", "message": "We will call you today."},
}


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: who sees it, where it is, what it is called."""

    name: str
    who: str
    address: str
    title: str


def screens(sample: Sample) -> list[Screen]:
    """Every screen of the product, in the order of the tour."""
    return [
        Screen("sign-in", "", "/sign-in/", "Sign in"),
        Screen("overview", "sam", "/", "Overview"),
        Screen("compose-choose", "sam", "/compose/", "Compose: choose what should happen"),
        Screen("compose", "sam", f"/compose/again/{sample.routed}/", "Compose: route to an agent"),
        Screen("compose-text", "sam", f"/compose/again/{sample.texted}/", "Compose: text a customer"),
        Screen("compose-paste", "sam", "/compose/paste/", "Paste a vendor's JSON or curl"),
        Screen("presets", "sam", "/presets/", "Presets"),
        Screen("dispatch", "sam", f"/dispatches/{sample.routed}/", "One dispatch"),
        Screen("dispatch-rejected", "sam", f"/dispatches/{sample.rejected}/", "A rejected dispatch"),
        Screen("dispatch-in-doubt", "sam", f"/dispatches/{sample.doubtful}/", "A dispatch in doubt"),
        Screen("doubts", "sam", "/doubts/", "In doubt"),
        Screen("scheduled", "sam", "/scheduled/", "Scheduled"),
        Screen("history", "sam", "/history/", "History"),
        Screen("catalogue", "sam", "/catalogue/", "Catalogue"),
        Screen("routes", "sam", "/catalogue/vonage/route/", "Named routes"),
        Screen("route-add", "sam", "/catalogue/vonage/route/add/", "Add a named route"),
        Screen("connections", "ada", "/connections/", "Connections"),
        Screen("connection", "ada", "/connections/vonage-sandbox/", "A connection"),
        Screen("connection-edit", "ada", "/connections/vonage-sandbox/edit/", "Change a connection"),
        Screen("connection-secrets", "ada", "/connections/vonage-sandbox/secrets/", "Credentials"),
        Screen("people", "ada", "/people/", "People"),
        Screen("person-add", "ada", "/people/add/", "Add a person"),
        Screen("account", "sam", "/account/", "Your account"),
        Screen("audit", "ana", "/audit/", "Audit trail"),
        Screen("not-found", "sam", "/nothing-here/", "An address that does not exist"),
    ]


def take(desk: RunningDesk, browser: Browser, shown: list[Screen]) -> Iterator[str]:
    """Take every picture; says the name of each."""
    for theme in THEMES:
        for width, size in WIDTHS.items():
            pages: dict[str, Page] = {}
            for screen in shown:
                if screen.who not in pages:
                    pages[screen.who] = signed_in(desk, browser, screen.who, theme, size)
                page = pages[screen.who]
                page.goto(screen.address)
                page.wait_for_load_state("networkidle") if "compose" in screen.name else page.wait_for_load_state()
                name = f"{screen.name}-{theme}-{width}.png"
                page.screenshot(path=PICTURES / name, full_page=width == "narrow")
                yield name
            for page in pages.values():
                page.context.close()


def signed_in(desk: RunningDesk, browser: Browser, who: str, theme: str, size: ViewportSize) -> Page:
    """A page of a fresh browser in which that person is signed in; nobody when `who` is empty."""
    context = browser.new_context(base_url=desk.address, color_scheme="dark" if theme == "dark" else "light", viewport=size)
    page = context.new_page()
    if who:
        sign_in(page, desk, who)
    return page


def plan_ahead(desk: RunningDesk, browser: Browser) -> None:
    """Schedule two dispatches, as somebody who goes home in the evening does."""
    page = signed_in(desk, browser, "sam", "light", WIDTHS["wide"])
    for action, fields in AHEAD.items():
        compose(page, action)
        for name, value in fields.items():
            field = page.locator(f"[name={name}]")
            field.select_option(value) if field.evaluate("control => control.tagName") == "SELECT" else field.fill(value)
        page.locator("summary", has_text="Schedule").click()
        page.get_by_role("button", name="Tomorrow").click()
        page.get_by_role("button", name="Schedule it").click()
        page.locator("#live").wait_for()
    page.context.close()


def write_page(shown: list[Screen]) -> None:
    """docs/screens.md, which shows all pictures."""
    lines = ["# Every screen", "", "Taken by `make pictures` from the running product, with sample data and the sandbox.", ""]
    for screen in shown:
        lines += [f"## {screen.title}", "", "| light | dark |", "| --- | --- |"]
        for width in WIDTHS:
            cells = [f"![{screen.title}, {theme}, {width}](pictures/{screen.name}-{theme}-{width}.png)" for theme in THEMES]
            lines.append(f"| {cells[0]} | {cells[1]} |")
        lines.append("")
    (ROOT / "docs" / "screens.md").write_text("\n".join(lines), encoding="utf-8")


def main(only: str = "") -> None:
    """Take the pictures; `only` is a pattern of screens' names."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with RunningDesk() as desk, sync_playwright() as playwright:
        spread(desk)
        sample = fill(desk)
        shown = screens(sample)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        plan_ahead(desk, browser)
        for name in take(desk, browser, [screen for screen in shown if re.search(only, screen.name)]):
            sys.stdout.write(f"{name}\n")
        browser.close()
    write_page(shown)


if __name__ == "__main__":
    main(*sys.argv[1:2])
