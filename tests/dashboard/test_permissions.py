"""Every address of the desk against everybody: default deny, the matrix of roles, unknown ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.models import AuditEvent, Person
from dashboard.roles import HOLDERS, Permission, Role
from tests import factories
from tests.client import PageClient

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Route:
    """How an address is used: its methods, and arguments that name nothing."""

    methods: str
    args: tuple[Any, ...] = ()
    found: int = 404
    """What somebody with the right gets for these arguments by GET (by POST where there is no GET)."""


NONE, NUMBER, NOBODY = "nothing-here", 999_999, uuid.UUID(int=0)
ROUTES = {
    "overview": Route("GET", found=200),
    "overview_figures": Route("GET", found=200),
    "compose": Route("GET", found=200),
    "compose_paste": Route("GET POST", found=200),
    "compose_again": Route("GET", (NONE,)),
    "dispatch_release": Route("GET", (NONE,)),
    "compose_form": Route("GET POST", (NONE, NONE)),
    "compose_preview": Route("POST", (NONE, NONE)),
    "compose_suggestions": Route("GET", (NONE, NONE)),
    "presets": Route("GET", found=200),
    "preset_use": Route("GET", (NOBODY,)),
    "preset_delete": Route("POST", (NOBODY,)),
    "dispatch": Route("GET", (NONE,)),
    "dispatch_live": Route("GET", (NONE,)),
    "dispatch_cancel": Route("POST", (NONE,)),
    "dispatch_send_now": Route("POST", (NONE,)),
    "dispatch_reveal": Route("POST", (NONE,)),
    "dispatch_decide": Route("POST", (NONE,)),
    "dispatch_send_again": Route("POST", (NONE,)),
    "scheduled": Route("GET", found=200),
    "doubts": Route("GET", found=200),
    "doubts_decide": Route("POST", found=422),
    "history": Route("GET", found=200),
    "history_search": Route("POST", found=302),
    "catalogue": Route("GET", found=200),
    "items": Route("GET", (NONE, NONE)),
    "item_add": Route("GET POST", (NONE, NONE)),
    "items_fetch": Route("GET POST", (NONE, NONE)),
    "item": Route("GET", (NUMBER,)),
    "item_change": Route("GET POST", (NUMBER,)),
    "item_archive": Route("POST", (NUMBER,)),
    "item_restore": Route("POST", (NUMBER,)),
    "connections": Route("GET", found=200),
    "connection_add": Route("GET POST", (NONE,)),
    "desk_stop": Route("GET POST", found=200),
    "desk_resume": Route("POST", found=302),
    "connection": Route("GET", (NONE,)),
    "connection_edit": Route("GET POST", (NONE,)),
    "connection_secrets": Route("GET POST", (NONE,)),
    "connection_pause": Route("GET POST", (NONE,)),
    "connection_resume": Route("POST", (NONE,)),
    "connection_test": Route("POST", (NONE,)),
    "connection_health": Route("GET", (NONE,)),
    "connection_archive": Route("GET POST", (NONE,)),
    "people": Route("GET", found=200),
    "person_add": Route("GET POST", found=200),
    "person": Route("GET POST", (NUMBER,)),
    "person_link": Route("POST", (NUMBER,)),
    "person_disable": Route("POST", (NUMBER,)),
    "person_enable": Route("POST", (NUMBER,)),
    "account": Route("GET POST", found=200),
    "account_password": Route("GET POST", found=200),
    "account_sessions_end": Route("POST", found=302),
    "audit": Route("GET", found=200),
}
PUBLIC = {
    "sign_in": Route("GET POST", found=200),
    "sign_out": Route("POST", found=302),
    "password_link": Route("GET POST", ("MQ", "x"), found=410),
    "healthz": Route("GET", found=200),
    "readyz": Route("GET", found=503),
    "csp_report": Route("POST", found=204),
    "theme": Route("POST", found=302),
}
NOTHING_POSTED = {"compose_paste": 200, "desk_stop": 422, "person_add": 422, "account": 422, "account_password": 422}
"""What an empty form is answered with."""


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one)
        else:
            yield one


def needed(name: str) -> tuple[Permission, ...]:
    return next(declared(one) for one in patterns() if one.name == name) or ()


def declared(pattern: URLPattern) -> tuple[Permission, ...] | None:
    found: tuple[Permission, ...] | None = getattr(pattern.callback, "permission", None)
    return found


def browser(role: Role | None) -> Client:
    client = PageClient()
    if role:
        client.force_login(factories.person(f"the-{role}", **{role.value: True}))
    return client


def test_every_address_declares_its_permission() -> None:
    undeclared = [one.name for one in patterns() if declared(one) is None]
    assert undeclared == []


def test_every_address_stands_in_these_tables() -> None:
    assert {one.name for one in patterns()} == set(ROUTES) | set(PUBLIC)


def test_only_these_addresses_are_public() -> None:
    assert {one.name for one in patterns() if not declared(one)} == set(PUBLIC)


def expected(name: str, route: Route, role: Role | None, method: str) -> int:
    """The status that the matrix demands."""
    if method not in route.methods.split():
        return 405
    if role is None:
        return 302 if method == "GET" else 401
    if not all(role in HOLDERS[one] for one in needed(name)):
        return 403
    return NOTHING_POSTED.get(name, route.found) if method == "POST" and "GET" in route.methods else route.found


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "anonymous")
def test_the_matrix(role: Role | None, method: str) -> None:
    client = browser(role)
    wrong = []
    for name, route in ROUTES.items():
        response = client.generic(method, reverse(name, args=route.args), content_type="application/x-www-form-urlencoded")
        if response.status_code != (status := expected(name, route, role, method)):
            wrong.append(f"{method} {name}: {response.status_code}, not {status}")
    assert wrong == []


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "anonymous")
def test_public_addresses_are_the_same_for_everybody(role: Role | None) -> None:
    for name, route in PUBLIC.items():
        first = route.methods.split()[0]
        client = browser(role) if role is None or not Person.objects.filter(username=f"the-{role}").exists() else again(role)
        response = client.generic(first, reverse(name, args=route.args), b"{}", content_type="application/json")
        signed_in = 302 if name == "sign_in" and role else route.found
        assert response.status_code == signed_in, name
        if "GET" not in route.methods:
            assert client.get(reverse(name, args=route.args)).status_code == 405, name


def again(role: Role) -> Client:
    client = PageClient()
    client.force_login(Person.objects.get(username=f"the-{role}"))
    return client


def test_somebody_without_a_role_sees_only_their_account() -> None:
    client = PageClient()
    client.force_login(factories.person("new"))
    statuses = {name: client.get(reverse(name, args=route.args)).status_code for name, route in ROUTES.items() if "GET" in route.methods}
    assert {name for name, status in statuses.items() if status == 200} == set()
    assert set(statuses.values()) == {403}


def test_a_refusal_is_recorded(as_sam: Client, sam: Person) -> None:
    as_sam.get("/people/")
    event = AuditEvent.objects.get(action="access.refused")
    assert (event.actor, event.detail) == (sam, {"path": "/people/", "needed": ["manage_people"]})


@pytest.mark.parametrize("provider_key", ["vonage", "acoustic", "ccai"])
def test_real_things_open_for_whoever_holds_the_right(provider_key: str) -> None:
    connection = factories.connection(provider_key)
    kind = connection.vendor.catalogue[0].key
    item = factories.item(connection, kind, "something")
    maker = factories.person("maker", supervisor=True)
    dispatch = factories.dispatch(connection, maker)
    real = {
        "dispatch": (dispatch.ref,),
        "dispatch_live": (dispatch.ref,),
        "items": (provider_key, kind),
        "item_add": (provider_key, kind),
        "item": (item.pk,),
        "connection_add": (provider_key,),
        **{name: (connection.name,) for name in ROUTES if name.startswith("connection_") and name != "connection_add"},
        "connection": (connection.name,),
        "person": (maker.pk,),
        "compose_form": (connection.name, connection.vendor.actions[0].key),
    }
    for role in Role:
        client = browser(role)
        for name, args in real.items():
            if "GET" in ROUTES[name].methods:
                may = all(role in HOLDERS[one] for one in needed(name))
                assert client.get(reverse(name, args=args)).status_code == (200 if may else 403), f"{role} {name}"


def test_an_auditor_changes_nothing() -> None:
    """Whatever an auditor may POST to reads: looking at a number, searching, their own account."""
    posts = {name for name, route in ROUTES.items() if "POST" in route.methods}
    allowed = {name for name in posts if all(Role.AUDITOR in HOLDERS[one] for one in needed(name))}
    assert allowed == {"history_search", "dispatch_reveal", "account", "account_password", "account_sessions_end"}
