"""Whose database it is: remembered from the first worker on, and handed over only by an admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.models import AuditEvent, Desk, Person, Worker
from dashboard.services import connections, instance
from tests.client import PageClient

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def owned_by(name: str) -> None:
    Desk.load()
    Desk.objects.update(instance=name)


def seen(seconds_ago: float) -> None:
    now = timezone.now()
    Worker.objects.create(name="production's", started_at=now, seen_at=now - timedelta(seconds=seconds_ago))


def test_the_first_instance_keeps_the_database(settings: Any) -> None:
    for name in ("", "production", "staging"):
        settings.INSTANCE = name
        instance.settle_in()
    assert Desk.objects.get().instance == "production"
    assert AuditEvent.objects.get(action="desk.settled").detail == {"instance": "production"}


@pytest.mark.parametrize(
    ("owner", "here", "foreign"),
    [("", "", False), ("", "b", False), ("a", "a", False), ("a", "b", True), ("a", "A", True), ("a", "", True)],
)
def test_which_database_is_another_instances(settings: Any, owner: str, here: str, foreign: bool) -> None:
    owned_by(owner)
    settings.INSTANCE = here
    assert instance.elsewhere().exists() is foreign


def test_the_right_workers_are_not_stopped_by_a_wrong_one(settings: Any) -> None:
    owned_by("production")
    settings.INSTANCE, settings.WORKER_STALE = "staging", 3_600.0
    seen(seconds_ago=settings.WORKER_STALE - 60)
    instance.stop_unless_manned("staging's")
    assert Desk.objects.get().stopped_at is None
    Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=settings.WORKER_STALE + 1))
    instance.stop_unless_manned("staging's")
    assert Desk.objects.get().stopped_at


def test_a_stop_from_before_the_copy_does_not_hide_whose_it_is(settings: Any, sam: Person, ada: Person) -> None:
    owned_by("production")
    connections.stop_desk(reason="Wrong list", by=sam)
    settings.INSTANCE = "staging"
    for _time in range(2):
        instance.stop_unless_manned("staging's")
    assert "“production”" in Desk.objects.get().stopped_reason
    assert AuditEvent.objects.filter(action="desk.stopped").count() == 2
    connections.resume_desk(by=ada)
    assert (Desk.objects.get().instance, Desk.objects.get().newcomer) == ("staging", "")


def test_an_ordinary_stop_hands_nothing_over(settings: Any, sam: Person, ada: Person) -> None:
    owned_by("production")
    settings.INSTANCE = "staging"
    connections.stop_desk(reason="Wrong list", by=sam)
    connections.resume_desk(by=ada)
    assert Desk.objects.get().instance == "production"
    assert not AuditEvent.objects.filter(action="desk.handed_over").exists()


def test_without_a_name_a_database_is_handed_to_nobody(settings: Any, ada: Person) -> None:
    owned_by("production")
    settings.INSTANCE = ""
    instance.stop_unless_manned("nameless")
    assert "has no INSTANCE" in Desk.objects.get().stopped_reason
    connections.resume_desk(by=ada)
    assert Desk.objects.get().instance == "production"


def test_every_page_says_whose_database_it_is(settings: Any, as_ada: PageClient) -> None:
    owned_by("production")
    settings.INSTANCE = "staging"
    instance.refuse("staging's")
    instance.stop_unless_manned("staging's")
    page = as_ada.get("/").content.decode()
    assert "belongs to the instance “production”, but its worker to “staging”" in page
    as_ada.post("/connections/go-on/")
    trail = as_ada.get("/audit/").content.decode()
    assert "handed this database over from the instance production to staging" in trail
    assert "refused to send: it is of the instance staging, this database of production" in trail
