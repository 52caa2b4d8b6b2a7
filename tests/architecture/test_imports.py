"""Imports point down only, and the vendor library stays free of the rest."""

from __future__ import annotations

import sys

from providers.registry import PROVIDERS
from tests.architecture.sources import Module, inside, modules

LEVELS = {
    "config": 5,
    "dashboard.urls": 5,
    "dashboard": 4,  # views, commands, middleware, template tags …
    "dashboard.forms": 3,
    "dashboard.services": 3,
    "dashboard.queries": 3,
    "dashboard.models": 2,
    "dashboard.choices": 2,
    "dashboard.crypto": 2,
    "dashboard.roles": 2,
    "dashboard.request_context": 2,
    "providers": 1,
}
"""The longest name that fits counts."""
VENDORS = {sys.modules[provider.build.__module__].__package__ or "" for provider in PROVIDERS.values()}
SPEAKERS = {"httpx": {"providers.http"}, "httpcore": {"providers.http", "providers.wire"}}
OTHER_CLIENTS = ("requests", "urllib.request", "http.client", "urllib3", "aiohttp")
PROVIDERS_MAY = (
    "django.core.exceptions", "django.core.validators", "django.forms", "django.utils", "django_countries", "httpcore", "httpx",
    "phonenumbers", "providers",
)  # fmt: skip


def level(name: str) -> int:
    """How high a module stands; 0 for what is not ours."""
    fitting = [package for package in LEVELS if inside(name, package)]
    return LEVELS[max(fitting, key=len)] if fitting else 0


def within(package: str) -> list[Module]:
    return [module for module in modules() if inside(module.name, package)]


def outside_the_library(module: Module) -> set[str]:
    return {name for name in module.imports() if name.partition(".")[0] not in sys.stdlib_module_names}


def imports_of(package: str, chosen: list[Module]) -> set[tuple[str, str]]:
    """Who imports something of that package: (module, what)."""
    return {(module.name, name) for module in chosen for name in module.imports() if inside(name, package)}


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 50
    assert len(VENDORS) == len(PROVIDERS) > 0
    assert imports_of("providers.types", within("dashboard"))


def test_imports_point_down() -> None:
    assert [(module.name, name) for module in modules() for name in module.imports() if level(name) > level(module.name)] == []


def test_providers_import_little() -> None:
    found = [(module.name, name) for module in within("providers") for name in outside_the_library(module)]
    assert [pair for pair in found if not any(inside(pair[1], allowed) for allowed in PROVIDERS_MAY)] == []


def test_one_module_speaks_http() -> None:
    for client, speakers in SPEAKERS.items():
        assert {module for module, _ in imports_of(client, list(modules()))} == speakers
    ours = [module for module in modules() if not inside(module.name, "config.setup")]
    assert [imports_of(client, ours) for client in OTHER_CLIENTS] == [set()] * len(OTHER_CLIENTS)


def test_a_vendors_package_is_known_to_the_registry_and_itself_alone() -> None:
    for vendor in VENDORS:
        users = {module for module, _ in imports_of(vendor, list(modules()))}
        assert {user for user in users if not inside(user, vendor)} == {"providers.registry"}


def test_nothing_that_makes_real_calls_leans_on_the_emulator() -> None:
    for vendor in VENDORS:
        emulator = {module.name for module in within(vendor) if imports_of("providers.sandbox", [module])}
        users = {module for module, _ in imports_of(f"{vendor}.sandbox", list(modules()))}
        assert f"{vendor}.sandbox" in emulator
        assert users <= emulator
        assert {module for module in emulator if not module.startswith(f"{vendor}.sandbox")} == set()


def test_the_set_up_needs_the_standard_library_alone() -> None:
    found = [(module.name, name) for module in within("config.setup") for name in outside_the_library(module)]
    assert [pair for pair in found if not inside(pair[1], "config.setup")] == []
