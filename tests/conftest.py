"""Fixtures that all tests share: the personas and the sandbox."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.core.management import call_command
from django.test import Client

from dashboard.views import health
from providers.sandbox.server import Sandbox
from tests import factories
from tests.client import PageClient

if TYPE_CHECKING:
    from dashboard.models import Person

# The same examples in every run, and no limit of time: what fails, fails again, and a slow machine fails nothing.
hypothesis.settings.load_profile("ci")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _no_earlier_reports() -> None:
    """What browsers reported in another test does not count against this one's limit."""
    health.written.clear()


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """A test that blocks signals in this process would make what later tests start here deaf to them."""
    yield
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Compressed and hashed files as in production: pages name them, and WhiteNoise serves them."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def sam(db: None) -> Person:
    """A supervisor."""
    return factories.person("sam", name="Sam Supervisor", supervisor=True, time_zone="Europe/London")


@pytest.fixture
def ada(db: None) -> Person:
    """An admin."""
    return factories.person("ada", name="Ada Admin", admin=True)


@pytest.fixture
def ana(db: None) -> Person:
    """An auditor."""
    return factories.person("ana", name="Ana Auditor", auditor=True)


@pytest.fixture
def client() -> PageClient:
    """A browser in which nobody is signed in. Every page it is shown is held against the rules for pages."""
    return PageClient()


@pytest.fixture
def as_sam(client: Client, sam: Person) -> Client:
    """A browser in which the supervisor is signed in."""
    client.force_login(sam)
    return client


@pytest.fixture
def as_ada(ada: Person) -> Client:
    """A browser in which the admin is signed in."""
    client = PageClient()
    client.force_login(ada)
    return client


@pytest.fixture
def as_ana(ana: Person) -> Client:
    """A browser in which the auditor is signed in."""
    client = PageClient()
    client.force_login(ana)
    return client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The vendors on a loopback port of their own, without effects, faults or memory of another test."""
    with Sandbox() as box:
        yield box
