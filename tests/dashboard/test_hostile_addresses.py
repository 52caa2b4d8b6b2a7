"""Addresses that nobody types by accident: control characters, huge numbers, endless text. None ends in an error of ours."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HUGE = "9" * 40
NUL, LONE, RIGHT_TO_LEFT, WIDE = "%00", "%ED%A0%80", "%E2%80%AE", "%F0%9F%98%80"
VALUES = (NUL, f"a{NUL}b", LONE, "%FF", RIGHT_TO_LEFT, WIDE, HUGE, "-1", "x" * 3_000, "%25", "_%25_", "'", "%0D%0AX:1")
LISTS = {
    "/people/": ("q", "after", "before"),
    "/catalogue/vonage/route/": ("q", "connection", "show", "after", "before"),
    "/catalogue/vonage/route/add/": ("connection",),
    "/catalogue/acoustic/message/fetch/": ("connection",),
    "/audit/": ("who", "what", "about", "start", "end", "after", "before"),
    "/history/": ("provider", "outcome", "start", "end", "after", "before", "q", "found"),
    "/scheduled/": ("after", "before"),
    "/doubts/": ("after", "before"),
    "/compose/": ("what", "item", "preset"),
    "/compose/vcc/route/": ("item", "preset", "route"),
    "/connections/vcc/health/": ("seen",),
}
PATHS = (
    "/people/{}/",
    "/catalogue/items/{}/",
    "/connections/{}/",
    "/dispatches/{}/",
    "/compose/{}/route/",
    "/compose/vcc/{}/",
    "/presets/{}/",
)


@pytest.fixture
def everybody(client: Client) -> Client:
    """Somebody with every role: nothing is refused for lack of one."""
    factories.connection("vonage", name="vcc")
    client.raise_request_exception = False
    client.force_login(factories.person(supervisor=True, admin=True, auditor=True))
    return client


@pytest.mark.parametrize("path", LISTS)
def test_no_parameter_of_a_list_breaks_it(everybody: Client, path: str) -> None:
    asked = {f"{path}?{name}={value}": everybody.get(f"{path}?{name}={value}").status_code for name in LISTS[path] for value in VALUES}
    assert {url: status for url, status in asked.items() if status not in (200, 204, 302, 400, 404, 422)} == {}


@pytest.mark.parametrize("path", PATHS)
def test_no_part_of_a_path_breaks_a_page(everybody: Client, path: str) -> None:
    asked = {value: everybody.get(path.format(value)).status_code for value in VALUES}
    assert {value: status for value, status in asked.items() if status not in (302, 400, 404)} == {}
