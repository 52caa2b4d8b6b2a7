"""When it is sent: the undo window and the schedule."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from dashboard.choices import State
from dashboard.models import Connection, Dispatch, Person
from tests.dashboard.compose.forms import NOON, SUMMER, Composer, confirmed, refused

UTC = ZoneInfo("UTC")


def test_the_undo_window_holds_it_back(route: Composer, vonage: Connection) -> None:
    Connection.objects.filter(pk=vonage.pk).update(undo_seconds=8)
    route.post(route.filled(), intent="send")
    dispatch = Dispatch.objects.get()
    assert (dispatch.state, dispatch.scheduled) == (State.HELD, False)
    assert dispatch.due_at == dispatch.created_at + timedelta(seconds=8)


def test_a_time_is_read_in_the_readers_zone(route: Composer, sam: Person) -> None:
    """Sam is in London: on a day in summer, 18:00 there is 17:00 UTC."""
    answer = route.post(route.filled(**{"desk-at": SUMMER.isoformat(timespec="minutes")}), intent="schedule")
    assert answer.status_code == 303
    dispatch = Dispatch.objects.get()
    assert (dispatch.state, dispatch.scheduled) == (State.HELD, True)
    assert dispatch.due_at == SUMMER.replace(hour=17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("", "Choose the date and time"),
        ("soon", "Enter a date and time like"),
        ("2020-01-01T10:00", "This time has passed"),
        ("2099-01-01T10:00", "more than a year ahead"),
    ],
)
def test_a_time_that_cannot_be_is_refused(route: Composer, at: str, sentence: str) -> None:
    refused(route, route.post(route.filled(**{"desk-at": at}), intent="schedule"), sentence)
    assert 'id="id_desk-at_error"' in route.page


def test_sending_now_ignores_a_time_that_was_typed(route: Composer) -> None:
    route.post(route.filled(**{"desk-at": "2020-01-01T10:00"}), intent="send")
    assert not Dispatch.objects.get().scheduled


def test_a_confirmed_schedule_keeps_its_time(as_sam: Client, acoustic: Connection) -> None:
    send = Composer(as_sam, acoustic)
    at, later = (f"{NOON + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (3, 4))
    data = confirmed(send, send.post(send.filled(**{"desk-at": at}), intent="schedule"))
    assert 'value="schedule"' in send.page
    assert " UTC</small>" in send.page
    confirmed(send, send.post({**data, "desk-at": later}, intent="schedule"))
    assert send.post(data, intent="schedule").status_code == 303
    assert Dispatch.objects.get().scheduled


def test_a_schedule_after_the_providers_own_date_is_refused(as_sam: Client, acoustic: Connection) -> None:
    """Acoustic would be asked to send at a time that has passed by then."""
    send = Composer(as_sam, acoustic)
    at = SUMMER.isoformat(timespec="minutes")
    for minutes in (0, 1):
        later = (SUMMER + timedelta(minutes=minutes)).isoformat(timespec="minutes")
        answer = send.post(send.filled(scheduled_date=at, **{"desk-at": later}), intent="schedule")
        refused(send, answer, f"1 {SUMMER:%b %Y}, 18:00 (Europe/London)")
        assert "Choose an earlier time here, or a later one in the form." in send.page
        assert 'id="id_desk-at_error"' in send.page
    earlier = (SUMMER - timedelta(minutes=1)).isoformat(timespec="minutes")
    confirmed(send, send.post(send.filled(scheduled_date=at, **{"desk-at": earlier}), intent="schedule"))


def test_a_changed_schedule_of_a_sent_form_is_other_content(route: Composer) -> None:
    at = f"{NOON + timedelta(days=3):%Y-%m-%dT%H:%M}"
    data = route.filled(**{"desk-at": at})
    assert route.post(data, intent="schedule").status_code == 303
    assert route.post(data, intent="schedule").status_code == 303
    assert route.post(data, intent="send").status_code == 422
    assert Dispatch.objects.count() == 1
