"""Every address of the desk by the name of its route, so that no new page can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.models import Person
from dashboard.roles import Permission, Role
from providers.registry import PROVIDERS
from tests.browser.sample import Sample

POSTED = {
    *("sign_out", "theme", "csp_report", "compose_preview", "preset_delete", "dispatch_cancel", "dispatch_send_now", "dispatch_reveal"),
    *("dispatch_decide", "dispatch_send_again", "doubts_decide", "history_search", "item_archive", "item_restore", "desk_resume"),
    *("connection_resume", "connection_test", "person_link", "person_disable", "person_enable", "account_sessions_end"),
}
"""Routes that only take forms: their answers are pages of other routes, or parts of them."""
PARTS = {"overview_figures", "dispatch_live", "connection_health", "compose_suggestions"}
"""What pages fetch of themselves."""
MACHINES = {"healthz", "readyz"}
CONNECTIONS = ("vonage-sandbox", "acoustic-sandbox", "ccai-sandbox", "vcc-production")
KINDS = [(key, kind) for key, one in PROVIDERS.items() for kind in one.catalogue]
ACTIONS = [(key, action) for key, one in PROVIDERS.items() for action in one.actions if action.composed]
Address = tuple[Any, ...]


def routes() -> dict[str, tuple[Permission, ...]]:
    """The permissions of every route by its name."""
    return dict(_routes(get_resolver()))


def _routes(resolver: URLResolver) -> Iterator[tuple[str, tuple[Permission, ...]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name), pattern.callback.permission  # type: ignore[attr-defined]
        else:
            yield from _routes(pattern)


def pages(sample: Sample, added: dict[str, Any]) -> dict[str, list[str]]:
    """The addresses of every page, one or more for each route that shows one."""
    return {
        **_lists(),
        **_dispatch_pages(sample, added),
        **_catalogue_pages(added),
        **_administration(added),
        "sign_in": [reverse("sign_in")],
        "password_link": [added["link"], reverse("password_link", args=["used", "up"])],
    }


def _lists() -> dict[str, list[str]]:
    names = "compose_paste presets scheduled doubts catalogue connections people person_add account account_password desk_stop"
    return {
        **{name: [reverse(name)] for name in names.split()},
        "overview": _queries("overview", {}, {"span": "30d"}),
        "history": _queries("history", {}, {"outcome": "rejected"}, {"q": "no such thing"}, {"start": "2026-02-01", "end": "2026-01-01"}),
        "audit": _queries("audit", {}, {"who": "nobody"}),
        "compose": _queries("compose", {}, {"what": "vonage.route"}),
    }


def _queries(name: str, *queries: dict[str, str]) -> list[str]:
    return [reverse(name) + (f"?{urlencode(query)}" if query else "") for query in queries]


def _dispatch_pages(sample: Sample, added: dict[str, Any]) -> dict[str, list[str]]:
    sent = [sample.routed, sample.texted, sample.rejected, sample.doubtful]
    forms = [(f"{key}-sandbox", action.key) for key, action in ACTIONS] + [("vcc-production", "route")]
    return {
        "dispatch": [reverse("dispatch", args=[ref]) for ref in (*sent, *added["states"].values())],
        "compose_form": [reverse("compose_form", args=form) for form in forms],
        "compose_again": [reverse("compose_again", args=[ref]) for ref in (sample.routed, sample.texted)],
        "dispatch_release": [reverse("dispatch_release", args=[sample.routed])],
        "preset_use": [reverse("preset_use", args=[added["preset"]])],
    }


def _catalogue_pages(added: dict[str, Any]) -> dict[str, list[str]]:
    return {
        "items": [reverse("items", args=[key, kind.key]) for key, kind in KINDS] + [reverse("items", args=["vonage", "skill"]) + "?q=none"],
        "item": [reverse("item", args=[pk]) for pk in added["items"].values()],
        "item_add": [reverse("item_add", args=[key, kind.key]) for key, kind in KINDS],
        "item_change": [reverse("item_change", args=[added["items"][kind]]) for kind in ("route", "registered_provider", "message")],
        "items_fetch": [reverse("items_fetch", args=[key, kind.key]) for key, kind in KINDS if kind.fetched],
    }


def _administration(added: dict[str, Any]) -> dict[str, list[str]]:
    names = ("connection", "connection_edit", "connection_secrets", "connection_pause", "connection_archive")
    return {
        **{name: [reverse(name, args=[one]) for one in CONNECTIONS[:: 1 if name == "connection" else 3]] for name in names},
        "connection_add": [reverse("connection_add", args=[key]) for key in PROVIDERS],
        "person": [reverse("person", args=[added["person"]]), reverse("person", args=[1])],
    }


def seen_by(role: Role, every: dict[str, list[str]]) -> list[str]:
    """The addresses that somebody of this role may open. Pages that a supervisor sees too are seen by the others once for each route."""
    return [address for name, addresses in every.items() if may(role, name) for address in addresses[: None if _first(role, name) else 1]]


def first_seen_by(role: Role, every: dict[str, list[str]]) -> dict[str, list[str]]:
    """The addresses by route that no role before this one may open."""
    return {name: addresses for name, addresses in every.items() if may(role, name) and _first(role, name)}


def may(role: Role, name: str) -> bool:
    """Whether a role may open a route that needs somebody signed in."""
    needed = routes()[name]
    return bool(needed) and all(map(Person(**{f"is_{role.value}": True}).may, needed))


def _first(role: Role, name: str) -> bool:
    return next(one for one in Role if may(one, name)) == role


def open_to_all(every: dict[str, list[str]]) -> list[str]:
    """The addresses that need nobody signed in."""
    return [address for name, addresses in every.items() if not routes()[name] for address in addresses]
