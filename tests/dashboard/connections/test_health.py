"""How a connection stands, in a pill and a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Connection, Errand, Person, Secret, Worker
from dashboard.queries import connections as queries
from dashboard.services import connections, secrets
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy(db: None) -> Connection:
    """A connection with credentials, an answer and a worker."""
    connection = factories.connection("vonage", name="vcc-emea")
    secrets.put_all(connection=connection, values={"client_id": "x", "client_secret": "y"}, by="terminal")
    Worker.objects.create(name="w", started_at=timezone.now(), seen_at=timezone.now())
    lane(connection, last_success_at=timezone.now(), last_took_ms=187)
    return connection


def lane(connection: Connection, **columns: Any) -> None:
    type(connection.lane).objects.filter(connection=connection).update(**columns)


def word(connection: Connection) -> tuple[str, str]:
    health = queries.standing(connection).health
    return str(health.word), health.text


SITUATIONS: dict[str, tuple[Callable[[Connection], Any], str]] = {
    "Healthy": (lambda one: None, ""),
    "Slow": (lambda one: lane(one, last_took_ms=2_001), ""),
    "Not tried yet": (lambda one: lane(one, last_success_at=None), ""),
    "Slowed down": (lambda one: lane(one, hold_until=time.time() + 60), "asked for a pause"),
    "No worker": (lambda one: Worker.objects.update(seen_at=timezone.now() - timedelta(hours=1)), "until a worker runs"),
    "Trying again": (lambda one: lane(one, breaker="probing", last_error="No answer."), "No answer."),
    "Paused after errors": (lambda one: lane(one, breaker="open", last_error="No answer."), "No answer."),
    "No credentials": (lambda one: Secret.objects.filter(name="client_id").delete(), "every secret is set"),
    "Paused": (lambda one: connections.pause(connection=one, reason="Lunch", by="ada"), "By ada: Lunch"),
    "All stopped": (lambda one: connections.stop_desk(reason="Wrong list", by="sam"), "By sam: Wrong list"),
    "Archived": (lambda one: connections.archive(connection=one, by="ada"), ""),
}


@pytest.mark.parametrize("expected", SITUATIONS)
def test_each_situation_has_its_word(healthy: Connection, expected: str) -> None:
    bring_about, sentence = SITUATIONS[expected]
    bring_about(healthy)
    found, text = word(healthy)
    assert found == expected
    assert sentence in text


def test_the_machines_pause_is_said_to_be_its_own(healthy: Connection) -> None:
    connections.pause(connection=healthy, reason="Vonage refused the client secret.", by="worker")
    assert word(healthy) == ("Paused", "By the desk itself: Vonage refused the client secret.")


@pytest.mark.parametrize(
    ("state", "asked_in", "expected"),
    [("done", 1, "Tested"), ("failed", 1, "Test failed"), ("done", -1, "Not tried yet"), ("asked", 1, "Not tried yet")],
)
def test_an_unused_connection_is_as_good_as_its_last_test(healthy: Connection, state: str, asked_in: int, expected: str) -> None:
    lane(healthy, last_success_at=None)
    newest = max(Secret.objects.values_list("set_at", flat=True))
    asked_at = newest + timedelta(seconds=asked_in)
    Errand.objects.create(connection=healthy, what="test", state="done", asked_at=asked_at, done_at=asked_at)
    done_at = None if state == "asked" else asked_at
    Errand.objects.create(connection=healthy, what="test", state=state, asked_at=asked_at, done_at=done_at, said="In our words.")
    Errand.objects.create(connection=factories.connection("vonage"), what="test", state="failed", asked_at=asked_at, done_at=asked_at)
    assert word(healthy) == (expected, "In our words." if expected == "Test failed" else "")


def test_the_load_is_counted_by_where_rows_are(healthy: Connection, sam: Person) -> None:
    other = factories.connection("vonage")
    for state in (State.HELD, State.QUEUED, State.CLAIMED, State.WAITING, State.SENDING, State.ACCEPTED, State.IN_DOUBT):
        factories.dispatch(healthy, sam, state=state)
    factories.dispatch(other, sam, state=State.QUEUED)
    factories.dispatch(healthy, sam, state=State.HELD, scheduled=True)
    factories.dispatch(healthy, sam, state=State.QUEUED, scheduled=True)
    load = queries.standing(healthy).load
    assert load == queries.Load(scheduled=1, leaving=1, queued=3, retrying=1, in_flight=1)
    assert (load.waiting, load.under_way) == (4, 6)
    assert {one.connection.name: one.load.waiting for one in queries.standings()} == {"vcc-emea": 4, other.name: 1}


def test_the_age_is_that_of_the_oldest_secret(healthy: Connection) -> None:
    Secret.objects.filter(name="client_id").update(set_at=timezone.now() - timedelta(days=91))
    standing = queries.standing(healthy)
    assert (standing.secret_days, standing.secrets_old) == (91, True)
    Secret.objects.filter(name="client_secret").delete()
    assert queries.standing(healthy).secret_days is None


def test_the_list_costs_the_same_for_one_and_for_many(healthy: Connection, sam: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6):
        queries.standings()
    for _number in range(20):
        factories.dispatch(factories.connection("acoustic"), sam, state=State.QUEUED)
    with django_assert_num_queries(6):
        assert len(queries.standings()) == 21
