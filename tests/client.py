"""A browser for tests that checks every page it is shown: structure, labels, forms, links, nothing inline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
NEEDS_NO_LABEL = frozenset({"hidden", "submit", "button", "reset", "image"})
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "list", "popovertarget", "form")


@dataclass
class Form:
    attributes: dict[str, str]
    has_token: bool = False


@dataclass
class Page(HTMLParser):
    """What a page holds, as far as the rules need it."""

    ids: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    controls: list[tuple[dict[str, str], bool]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    title: str = ""
    language: str = ""
    images_without_alt: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._note(tag, given)
        if handler := getattr(self, f"_{tag}", None):
            handler(given)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag not in self.stack:
            self.unbalanced.append(f"</{tag}>")
            return
        while (popped := self.stack.pop()) != tag:
            if popped not in ("p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"):
                self.unbalanced.append(f"<{popped}> within <{tag}>")

    def handle_data(self, data: str) -> None:
        if "title" in self.stack and "svg" not in self.stack:
            self.title += data
        if "h1" in self.stack:
            self.headings[-1] += data

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if "id" in given:
            self.ids.append(given["id"])
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on") or name.startswith("hx-on")]
        self.references += [(name, one) for name in REFERENCES if name in given for one in given[name].split()]
        self.language = self.language or (given.get("lang", "") if tag == "html" else "")

    def _h1(self, given: dict[str, str]) -> None:
        self.headings.append("")

    def _style(self, given: dict[str, str]) -> None:
        self.inline.append("style element")

    def _script(self, given: dict[str, str]) -> None:
        if not given.get("src"):
            self.inline.append("script element")

    def _label(self, given: dict[str, str]) -> None:
        if "for" in given:
            self.labelled.add(given["for"])
            self.references.append(("label for", given["for"]))

    def _control(self, given: dict[str, str]) -> None:
        if given.get("name") == "csrfmiddlewaretoken" and given.get("value") and self.forms:
            self.forms[-1].has_token = True
        if given.get("type") not in NEEDS_NO_LABEL and "hidden" not in given:
            self.controls.append((given, "label" in self.stack))

    _input = _select = _textarea = _control

    def _form(self, given: dict[str, str]) -> None:
        self.forms.append(Form(given))

    def _a(self, given: dict[str, str]) -> None:
        self.links.append(given.get("href", ""))

    def _img(self, given: dict[str, str]) -> None:
        if "alt" not in given:
            self.images_without_alt.append(given.get("src", ""))


def problems(page: Page, *, whole: bool) -> list[str]:
    """What a page, or (not whole) a fragment of one, does against the rules."""
    found = [f"inline: {what}" for what in page.inline]
    found += [f"duplicate id {name}" for name, count in Counter(page.ids).items() if count > 1]
    found += [f"not well nested: {what}" for what in page.unbalanced]
    found += [f"image without alt: {source}" for source in page.images_without_alt]
    found += _form_problems(page)
    found += _label_problems(page)
    found += _link_problems(page, whole=whole)
    if whole:
        found += [f"{name} names {one}, which is not there" for name, one in page.references if one not in page.ids]
        found += _head_problems(page)
    return found


def _head_problems(page: Page) -> list[str]:
    if len(page.headings) != 1:
        return [f"{len(page.headings)} h1 elements"]
    heading, title = " ".join(page.headings[0].split()), " ".join(page.title.split())
    starts = heading and title.startswith(heading)
    return ([] if starts else [f"the title {title!r} does not start with the h1 {heading!r}"]) + ([] if page.language else ["no language"])


def _form_problems(page: Page) -> list[str]:
    found = []
    for form in page.forms:
        action = form.attributes.get("action", "")
        if not action:
            found.append("a form without an action")
        if form.attributes.get("method", "get").lower() == "post" and not form.has_token:
            found.append(f"the form to {action} has no CSRF token")
    return found


def _label_problems(page: Page) -> list[str]:
    return [
        f"no label for {given.get('name') or given.get('id')}"
        for given, wrapped in page.controls
        if not wrapped and given.get("id") not in page.labelled and not {"aria-label", "aria-labelledby"} & set(given)
    ]


def _link_problems(page: Page, *, whole: bool) -> list[str]:
    found = []
    for href in page.links:
        parts = urlsplit(href)
        if href in ("", "#") or parts.scheme == "javascript":
            found.append(f"a link to nowhere: {href!r}")
        elif href.startswith("#") and whole and href[1:] not in page.ids:
            found.append(f"a link to {href}, which is not on the page")
        elif href.startswith("/") and not href.startswith("/static/"):
            found += _unresolved(parts.path)
    return found


def _unresolved(path: str) -> list[str]:
    try:
        resolve(path)
    except Resolver404:
        return [f"a link to {path}, which is no address of the desk"]
    return []


def read(response: HttpResponseBase) -> Page:
    """The page in a response."""
    page = Page()
    page.feed(response.getvalue().decode())
    return page


class PageClient(Client):
    """Django's test client, which holds every HTML answer against the rules."""

    def request(self, **request: Any) -> Any:
        """Fetch, check, return."""
        response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming and response.content:
            whole = response.content.lstrip()[:15].lower().startswith(b"<!doctype html")
            found = problems(read(response), whole=whole)
            assert not found, f"{request.get('PATH_INFO')}: " + "; ".join(found)
        return response
