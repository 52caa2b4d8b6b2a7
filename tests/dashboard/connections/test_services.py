"""Connections as the services keep them: uniqueness, addresses, pausing, archiving, the global stop."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.choices import OPEN, State
from dashboard.models import AuditEvent, Connection, Desk, Lane, Person, Secret
from dashboard.queries import connections as queries
from dashboard.services import connections, secrets
from dashboard.services.refusals import Refused
from tests import factories

pytestmark = pytest.mark.django_db
OTHER = {"region": "custom", "api_url": "http://127.0.0.1:9/other", "token_url": "http://127.0.0.1:9/other/token"}


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "name": "vcc-emea",
        "environment": "test",
        "settings": factories.SETTINGS["vonage"],
        "country": "",
        "undo_seconds": 0,
        "in_flight": 2,
        "calls": 160,
        "per_seconds": 60,
        **changes,
    }


def add(by: Person | str = "terminal", **changes: Any) -> Connection:
    return connections.add(provider="vonage", by=by, **facts(**changes))


def put_secret(connection: Connection) -> None:
    secrets.put(connection=connection, name="client_id", value="an id", by="terminal")


def test_a_connection_has_a_lane_with_its_limits(ada: Person) -> None:
    connection = add(by=ada, in_flight=3, calls=10, per_seconds=5)
    lane = Lane.objects.get(connection=connection)
    assert (lane.in_flight_limit, lane.calls, lane.per_seconds) == (3, 10, 5)
    event = AuditEvent.objects.get(action="connection.added")
    assert (event.actor, event.object_name, len(event.after_digest)) == (ada, "vcc-emea", 64)


@pytest.mark.parametrize("name", ["vcc-emea", "VCC-Emea"])
def test_a_name_is_taken_once_whatever_its_case(name: str) -> None:
    add()
    with pytest.raises(Refused, match="already") as caught:
        add(name=name)
    assert caught.value.field == "name"
    assert Connection.objects.count() == Lane.objects.count() == 1


def test_a_change_is_recorded_in_words(ada: Person) -> None:
    connection = add()
    changed = connections.change(connection=connection, by=ada, **facts(environment="production", country="GB", in_flight=4))
    assert (changed.environment, changed.lane.in_flight_limit) == ("production", 4)
    event = AuditEvent.objects.get(action="connection.changed")
    assert event.detail["changes"] == "environment: test → production; country: none → GB; in flight: 2 → 4"
    assert event.before_digest != event.after_digest


def test_saving_the_same_again_records_nothing(ada: Person) -> None:
    connections.change(connection=add(), by=ada, **facts())
    assert not AuditEvent.objects.filter(action="connection.changed").exists()


def test_a_new_address_clears_the_secrets(ada: Person) -> None:
    connection = add()
    put_secret(connection)
    connections.change(connection=connection, by=ada, **facts(settings=OTHER))
    assert not Secret.objects.exists()
    assert AuditEvent.objects.get(action="secret.cleared").detail["reason"] == "its addresses were changed"


@pytest.mark.parametrize("part", ["api_url", "token_url"])
def test_any_one_address_clears_them(ada: Person, part: str) -> None:
    connection = add()
    put_secret(connection)
    connections.change(connection=connection, by=ada, **facts(settings=factories.SETTINGS["vonage"] | {part: "http://127.0.0.1:9/else"}))
    assert not Secret.objects.exists()


def test_other_changes_keep_the_secrets(ada: Person) -> None:
    connection = add()
    put_secret(connection)
    connections.change(connection=connection, by=ada, **facts(name="vcc-two", country="US", undo_seconds=5))
    assert secrets.state(connection=Connection.objects.get())[0].set


@pytest.mark.parametrize("state", sorted(OPEN))
def test_addresses_stay_while_a_dispatch_is_open(ada: Person, sam: Person, state: State) -> None:
    connection = add()
    put_secret(connection)
    factories.dispatch(connection, sam, state=state)
    with pytest.raises(Refused, match=r"1 dispatch of vcc-emea is still open\. Its addresses can be changed when none is left"):
        connections.change(connection=connection, by=ada, **facts(settings=OTHER))
    assert Connection.objects.get().settings == factories.SETTINGS["vonage"]
    assert Secret.objects.exists()
    assert connections.change(connection=connection, by=ada, **facts(environment="sandbox")).environment == "sandbox"


@pytest.mark.parametrize("state", sorted(set(State) - OPEN))
def test_settled_dispatches_hold_no_address(ada: Person, sam: Person, state: State) -> None:
    connection = add()
    factories.dispatch(connection, sam, state=state)
    assert connections.change(connection=connection, by=ada, **facts(settings=OTHER)).settings == OTHER


# --- pausing --------------------------------------------------------------------------------------


def test_pausing_and_resuming(ada: Person) -> None:
    connection = add()
    assert connections.pause(connection=connection, reason="Maintenance", by=ada)
    assert (connection.is_paused, connection.paused_by, connection.paused_reason) == (True, "ada", "Maintenance")
    assert connections.resume(connection=connection, by=ada)
    assert (connection.is_paused, connection.paused_by, connection.paused_reason) == (False, "", "")
    assert not connections.resume(connection=connection, by=ada)
    actions = ["connection.added", "connection.paused", "connection.resumed"]
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == actions


def test_the_machine_pauses_in_nobodys_name() -> None:
    connection = add()
    assert connections.pause(connection=connection, reason="The credentials were refused.", by="worker")
    assert connection.paused_by == ""
    assert AuditEvent.objects.get(action="connection.paused").actor_name == "worker"


def test_the_machine_does_not_override_a_person(ada: Person) -> None:
    connection = add()
    connections.pause(connection=connection, reason="Maintenance", by=ada)
    assert not connections.pause(connection=connection, reason="401", by="worker")
    assert (connection.paused_by, connection.paused_reason) == ("ada", "Maintenance")


def test_a_person_takes_over_the_machines_pause(ada: Person) -> None:
    connection = add()
    connections.pause(connection=connection, reason="401", by="worker")
    assert connections.pause(connection=connection, reason="Waiting for a new secret", by=ada)
    assert connection.paused_by == "ada"


# --- archiving ------------------------------------------------------------------------------------


def test_archiving_removes_the_secrets_and_keeps_the_rest(ada: Person, sam: Person) -> None:
    connection = add()
    put_secret(connection)
    factories.dispatch(connection, sam)
    connections.archive(connection=connection, by=ada)
    row = Connection.objects.get()
    assert row.archived_at
    assert (row.secrets.count(), row.dispatches.count()) == (0, 1)
    connections.archive(connection=connection, by=ada)
    assert AuditEvent.objects.filter(action="connection.archived").count() == 1


def test_archiving_is_refused_while_dispatches_are_open(ada: Person, sam: Person) -> None:
    connection = add()
    for _number in range(2):
        factories.dispatch(connection, sam, state="held")
    with pytest.raises(Refused, match="2 dispatches of vcc-emea are still open"):
        connections.archive(connection=connection, by=ada)
    assert Connection.objects.get().archived_at is None


def test_an_archived_connection_is_neither_paused_nor_resumed(ada: Person) -> None:
    connection = add()
    connections.archive(connection=connection, by=ada)
    assert not connections.pause(connection=connection, reason="x", by=ada)
    assert not connections.resume(connection=connection, by=ada)


# --- the global stop ------------------------------------------------------------------------------


def test_the_stop_is_set_once_and_ended_once(ada: Person, sam: Person) -> None:
    assert connections.stop_desk(reason="Wrong list", by=sam)
    assert not connections.stop_desk(reason="Another", by=ada)
    desk = Desk.load()
    assert (desk.stopped_by, desk.stopped_reason) == ("sam", "Wrong list")
    assert queries.stop() == desk
    assert connections.resume_desk(by=ada)
    assert not connections.resume_desk(by=ada)
    assert queries.stop() is None
    assert list(AuditEvent.objects.order_by("id").values_list("action", "actor_name")) == [("desk.stopped", "sam"), ("desk.resumed", "ada")]
