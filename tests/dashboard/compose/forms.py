"""Reads the composer's pages as a browser without JavaScript does: what a form would post, and what came of it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from dashboard.models import Connection, Dispatch

MESSAGE = "e3c3d1ea-e54b-458d-b32b-18a99f63b58c"
FILLED: dict[str, dict[str, str]] = {
    "vonage": {"route": "Route Interaction NR", "externalid": "40a4b50f"},
    "acoustic": {"message": MESSAGE, "contact_source": "4396816"},
    "ccai": {"end_user_number": "+1 415-555-0100", "outbound_number": "+16285550199", "message": "Your parcel is here."},
}
ACTIONS = {"vonage": "route", "acoustic": "send", "ccai": "text"}
TODAY = date.today()
SUMMER = datetime(TODAY.year + (TODAY.month > 7), 8 if TODAY.month == 7 else 7, 1, 18, 0)
"""A coming first of July or August at 18:00: summer time in London, always to come and never a year ahead."""
NOON = datetime.combine(TODAY, time(12))
"""Today at 12:00: with days added, a time that exists everywhere, however clocks are changed."""
FORM = re.compile(r"/compose/[^/]+/[^/]+/")


class Composer:
    """The form of one action on one connection."""

    def __init__(self, browser: Client, connection: Connection, action: str = "") -> None:
        self.browser, self.provider = browser, connection.provider
        self.url = f"/compose/{connection.name}/{action or ACTIONS[connection.provider]}/"
        self.page = ""

    def open(self, query: str = "") -> dict[str, str]:
        """Fetch the form; what it would post."""
        answer = self.browser.get(self.url + query)
        assert answer.status_code == 200
        return self.read(answer)

    def read(self, answer: Any) -> dict[str, str]:
        """What the composer's form in this answer would post, without its buttons."""
        self.page = answer.content.decode()
        return posted_by(self.page)

    def post(self, data: dict[str, str], **pressed: str) -> Any:
        """Press a button: `intent="send"`, `add="skills"` …"""
        answer = self.browser.post(self.url, {**data, **pressed})
        self.page = answer.content.decode()
        return answer

    def filled(self, **more: str) -> dict[str, str]:
        """A fresh form with everything that it needs."""
        return {**self.open(), **FILLED[self.provider], **more}

    def preview(self, data: dict[str, str]) -> str:
        """What htmx would put beside the form."""
        answer = self.browser.post(f"{self.url}preview/", data, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return answer.content.decode()


def posted_by(page: str) -> dict[str, str]:
    """The successful controls of the composer's form in a page."""
    reader = FormReader()
    reader.feed(page)
    return reader.found


class FormReader(HTMLParser):
    """Collects the controls of the first form that posts to the composer."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attr = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = FORM.fullmatch(attr.get("action", "")) is not None
        elif self.inside and tag == "option" and "selected" in attr:
            self.found[self.select] = attr.get("value", "")
        elif self.inside and attr.get("name"):
            self._take(tag, attr)

    def _take(self, tag: str, attr: dict[str, str]) -> None:
        if tag == "select":
            self.select = attr["name"]
        elif tag == "textarea":
            self.area, self.found[attr["name"]] = attr["name"], ""
        elif tag == "input" and (attr.get("type") not in ("radio", "checkbox") or "checked" in attr):
            self.found[attr["name"]] = attr.get("value", "on" if attr.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.found[self.area] = self.found[self.area].removeprefix("\n") if self.area else ""
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def refused(composer: Composer, answer: Any, sentence: str) -> None:
    """Nothing was recorded, the sentence stands on the page, and the form with it."""
    assert answer.status_code == 422
    assert sentence in unescape(composer.page)
    assert not Dispatch.objects.exists()


def confirmed(composer: Composer, answer: Any) -> dict[str, str]:
    """What the confirmation page posts."""
    assert answer.status_code == 200
    data = composer.read(answer)
    assert "desk-confirmed" in data
    return data
