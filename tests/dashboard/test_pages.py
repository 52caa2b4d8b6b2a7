"""The rules for pages, and the frame of every page: navigation, banners, weight, paging."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings as project
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import AuditEvent, Decision, Desk, Person, Worker
from dashboard.queries.pages import page_by_key
from tests import factories
from tests.client import PageClient, problems, read

# --- the rules ------------------------------------------------------------------------------------

GOOD = """<!doctype html><html lang="en"><head><title>Things · Desk</title></head><body><h1>Things</h1><a href="/account/">x</a>
<form method="post" action="/account/"><input type="hidden" name="csrfmiddlewaretoken" value="t">
<label for="a">A</label><input id="a"></form></body></html>"""


def said(html: str) -> str:
    return "; ".join(problems(read(HttpResponse(html)), whole=True))


def test_a_good_page_passes() -> None:
    assert said(GOOD) == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("<h1>Things</h1>", "", "0 h1 elements"),
        ("<h1>Things</h1>", "<h1>Things</h1><h1>More</h1>", "2 h1 elements"),
        ("<h1>Things</h1>", "<h1>Other</h1>", "does not start with the h1"),
        (' lang="en"', "", "no language"),
        ('<input id="a">', '<input id="a"><i id="a"></i>', "duplicate id a"),
        ('for="a"', 'for="b"', "no label for a"),
        ('<label for="a">A</label>', "", "no label for a"),
        ('action="/account/"', 'action=""', "a form without an action"),
        ('value="t"', 'value=""', "has no CSRF token"),
        ('<input id="a">', '<input id="a" aria-describedby="z">', "aria-describedby names z, which is not there"),
        ("<h1>", '<h1 style="color:red">', "inline: h1 style"),
        ("<h1>", '<h1 onclick="x()">', "inline: h1 onclick"),
        ("<h1>", '<h1 hx-on:click="x()">', "inline: h1 hx-on:click"),
        ("</body>", "<script>x()</script></body>", "inline: script element"),
        ("</body>", "<style>x{}</style></body>", "inline: style element"),
        ("</body>", "<img src='x'></body>", "image without alt"),
        ('href="/account/"', 'href="#"', "a link to nowhere"),
        ('href="/account/"', 'href="javascript:x()"', "a link to nowhere"),
        ('href="/account/"', 'href="#gone"', "a link to #gone, which is not on the page"),
        ('href="/account/"', 'href="/nothing/"', "a link to /nothing/, which is no address of the desk"),
        ("</body>", "<div><b></div></body>", "not well nested"),
    ],
)
def test_each_rule_complains(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    assert complaint in said(GOOD.replace(old, new))


# --- navigation and banners -----------------------------------------------------------------------

NAVIGATION = {
    "as_sam": {"Overview", "Compose", "Scheduled", "History", "In doubt", "Presets", "Stop all sending", "Everything"},
    "as_ada": {"Overview", "Scheduled", "History", "In doubt", "Stop all sending", "Everything", "Connections", "People", "Audit trail"},
    "as_ana": {"Overview", "Scheduled", "History", "In doubt", "Everything", "Audit trail"},
}
TARGETS = {"Named routes", "Published messages", "Outbound numbers"}


def navigation(page: str) -> set[str]:
    nav = page[page.index("<nav") : page.index("</nav>")]
    return {re.sub(r"<[^>]+>|\s*\d+$", "", text).strip() for text in re.findall(r"<a [^>]*>(?:<svg.*?</svg>)(.*?)</a>", nav, re.S)}


@pytest.mark.parametrize("who", NAVIGATION)
def test_navigation_shows_what_the_person_may_use(request: pytest.FixtureRequest, who: str) -> None:
    client: Client = request.getfixturevalue(who)
    page = client.get("/account/").content.decode()
    assert navigation(page) == NAVIGATION[who] | TARGETS
    for url in re.findall(r'<a href="([^"]+)"', page[page.index("<nav") : page.index("</nav>")]):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize(
    ("path", "here"), [("/people/add/", "/people/"), ("/connections/stop/", "/connections/stop/"), ("/", "/"), ("/account/", None)]
)
def test_navigation_marks_where_one_is(as_ada: Client, path: str, here: str | None) -> None:
    marked = re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', as_ada.get(path).content.decode())
    assert marked == ([here] if here else [])


def test_doubts_are_counted_until_somebody_decides(as_ana: Client, sam: Person) -> None:
    connection = factories.connection()
    for _ in range(2):
        factories.dispatch(connection, sam, state=State.IN_DOUBT)
    decided = factories.dispatch(connection, sam, state=State.IN_DOUBT)
    Decision.objects.create(dispatch=decided, found="arrived", reason="seen", decided_at=timezone.now(), decided_by=sam)
    assert '<span class="count" id="count-doubts">2</span>' in as_ana.get("/account/").content.decode()


def test_what_renews_itself_renews_the_count_of_doubts(as_sam: Client, sam: Person) -> None:
    doubtful = factories.dispatch(factories.connection(), sam, state=State.IN_DOUBT)
    for path in ("/overview/figures/", f"/dispatches/{doubtful.ref}/live/"):
        for place in ("count-doubts", "count-menu"):
            assert f'<span class="count" id="{place}" hx-swap-oob="true">1</span>' in as_sam.get(path).content.decode()


def test_the_banner_says_that_no_worker_runs(as_sam: Client, settings: Any) -> None:
    said = "No worker is running"
    assert said in as_sam.get("/account/").content.decode()
    now = timezone.now()
    worker = Worker.objects.create(name="w", started_at=now, seen_at=now)
    assert said not in as_sam.get("/account/").content.decode()
    Worker.objects.filter(pk=worker.pk).update(seen_at=now - timedelta(seconds=settings.WORKER_STALE + 1))
    assert said in as_sam.get("/account/").content.decode()


def test_the_banner_says_who_stopped_the_desk_and_lets_holders_go_on(as_sam: Client, as_ana: Client) -> None:
    Desk.objects.create(pk=1, stopped_at=timezone.now(), stopped_by="ada", stopped_reason="wrong list")
    for client, may in ((as_sam, True), (as_ana, False)):
        page = client.get("/account/").content.decode()
        assert "All sending is stopped, by ada: wrong list" in page
        assert ('action="/connections/go-on/"' in page) is may


def test_the_frame_costs_one_query(as_sam: Client, django_assert_num_queries: Any) -> None:
    as_sam.get("/account/password/")
    with django_assert_num_queries(3):
        as_sam.get("/account/password/")


@pytest.mark.parametrize("path", ["/sign-in/", "/account/", "/people/", "/audit/"])
def test_the_first_load_stays_light(as_ada: Client, path: str) -> None:
    response = (PageClient() if path == "/sign-in/" else as_ada).get(path)
    page = response.content
    files = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page.decode()))
    static = sum(len(brotli.compress((Path(project.STATIC_ROOT) / name).read_bytes())) for name in files)
    assert 0 < static + len(zlib.compress(page)) < 60_000


# --- paging ---------------------------------------------------------------------------------------


@pytest.fixture
def events(db: None) -> list[int]:
    now = timezone.now()
    made = AuditEvent.objects.bulk_create(AuditEvent(at=now, action="desk.resumed") for _ in range(7))
    return [event.pk for event in made]


def keys(query: str, size: int = 3, key: str = "-id") -> tuple[list[int], str, str]:
    page = page_by_key(AuditEvent.objects.all(), params=QueryDict(query), size=size, key=key)
    return [row.pk for row in page.rows], page.newer, page.older


def test_pages_follow_each_other_in_both_directions(events: list[int]) -> None:
    a, b, c, d, e, f, g = events
    assert keys("x=1") == ([g, f, e], "", f"?x=1&before={e}")
    assert keys(f"x=1&before={e}") == ([d, c, b], f"?x=1&after={d}", f"?x=1&before={b}")
    assert keys(f"before={b}") == ([a], f"?after={a}", "")
    assert keys(f"after={a}") == ([d, c, b], f"?after={d}", f"?before={b}")
    assert keys(f"after={d}") == ([g, f, e], "", f"?before={e}")


def test_ascending_keys_too(events: list[int]) -> None:
    a, b, c, d, e, *_ = events
    assert keys("", key="id") == ([a, b, c], "", f"?before={c}")
    assert keys(f"before={c}", key="id") == ([d, e, events[5]], f"?after={d}", f"?before={events[5]}")
    assert keys(f"after={d}", key="id") == ([a, b, c], "", f"?before={c}")


@pytest.mark.parametrize("query", ["before=x", "before=", "before=1e9", "after=-", "before=999999999999999999999999", "before=-5"])
def test_a_place_that_is_none_is_the_first_page(events: list[int], query: str) -> None:
    assert keys(query)[0] == list(reversed(events[-3:]))


def test_an_empty_list_has_no_pages(db: None) -> None:
    assert keys("before=3") == ([], "", "")
