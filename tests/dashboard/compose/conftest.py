"""Connections with the catalogue of the sandbox's ready-made accounts, and forms on them. Nothing listens at their addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dashboard.models import CatalogueItem, Connection
from providers.sandbox.world import ready_made
from tests import factories
from tests.dashboard.compose.forms import Composer
from tests.dashboard.compose.terminal import Ran, Run, compose

NOWHERE = "http://127.0.0.1:9"


def stocked(provider: str, **columns: Any) -> Connection:
    """A connection with its catalogue."""
    account = ready_made(NOWHERE)[provider]
    made = factories.connection(provider, settings=dict(account["settings"]), country=account["country"], **columns)
    for kind, items in account["items"].items():
        for each in items:
            CatalogueItem.objects.create(connection=made, kind=kind, key=each.key, label=each.label, data=dict(each.data))
    return made


@pytest.fixture
def vonage(db: None) -> Connection:
    """A VCC account."""
    return stocked("vonage", name="vcc-emea")


@pytest.fixture
def acoustic(db: None) -> Connection:
    """An Acoustic organisation."""
    return stocked("acoustic", name="campaign-us")


@pytest.fixture
def ccai(db: None) -> Connection:
    """A CCAI Platform tenant."""
    return stocked("ccai", name="care-us")


@pytest.fixture
def route(as_sam: Client, vonage: Connection) -> Composer:
    """The form that routes an interaction to an agent."""
    return Composer(as_sam, vonage)


@pytest.fixture
def text(as_sam: Client, ccai: Connection) -> Composer:
    """The form that texts a customer."""
    return Composer(as_sam, ccai)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command; keyword arguments become files of that option."""

    def run(*words: str, **files: Any) -> Ran:
        given: list[str] = []
        for option, content in files.items():
            file = tmp_path / f"{option}.json"
            file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            given += [f"--{option}", str(file)]
        return compose(*words, *given)

    return run
