"""One's own sessions: seen, told apart, ended; and their marks in the audit trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEvent, Person, Session
from dashboard.queries.sessions import in_words
from tests.client import PageClient
from tests.dashboard.access.signing import sign_in

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1"


def browser(agent: str, username: str = "sam") -> Client:
    """Somebody's browser, signed in."""
    client = PageClient(headers={"user-agent": agent})
    assert sign_in(client, username).status_code == 302
    client.get("/account/")
    return client


def marks(person: Person) -> set[str]:
    return {row.mark for row in Session.objects.filter(person=person)}


def test_each_is_shown_by_its_browser(sam: Person) -> None:
    here, _there = browser(FIREFOX), browser(SAFARI)
    page = here.get("/account/").text
    assert page.index("Firefox on Linux") < page.index("This browser") < page.index("Safari on iPhone")
    assert page.count("127.0.0.1 · since") == 2


def test_one_is_signed_out_and_the_others_stay(sam: Person) -> None:
    here, phone, other = browser(FIREFOX), browser(SAFARI), browser("curl/8")
    mark = Session.objects.get(session_key=phone.cookies["desk-session"].value).mark
    here.post("/account/sessions/end/", {"mark": mark})
    assert [one.get("/account/").status_code for one in (here, phone, other)] == [200, 302, 200]


def test_all_others_are_signed_out_at_once(sam: Person, ada: Person) -> None:
    here, phone, adas = browser(FIREFOX), browser(SAFARI), browser(FIREFOX, "ada")
    said = here.post("/account/sessions/end/", follow=True).text
    assert "1 other session has ended." in said
    assert [one.get("/account/").status_code for one in (here, phone, adas)] == [200, 302, 200]
    event = AuditEvent.objects.get(action="access.sessions_ended")
    assert (event.actor_name, event.detail) == ("sam", {"count": 1})


def test_nobody_ends_somebody_elses(sam: Person, ada: Person) -> None:
    here, adas = browser(FIREFOX), browser(FIREFOX, "ada")
    (mark,) = marks(ada)
    here.post("/account/sessions/end/", {"mark": mark})
    assert adas.get("/account/").status_code == 200


def test_what_has_run_out_or_idled_is_not_shown_and_goes_at_the_next_sign_in(sam: Person, settings: Any) -> None:
    here, phone = browser(FIREFOX), browser(SAFARI)
    session = phone.session
    session["seen"] -= settings.SESSION_IDLE_SECONDS + 1
    session.save()
    assert "Safari" not in here.get("/account/").text
    Session.objects.filter(session_key=phone.cookies["desk-session"].value).update(expire_date=timezone.now() - timedelta(seconds=1))
    browser("curl/8")
    assert Session.objects.filter(person=sam).count() == 2


def test_what_is_done_carries_the_mark_of_its_session_and_never_its_key(sam: Person) -> None:
    here, phone = browser(FIREFOX), browser(SAFARI)
    here.get("/connections/")
    phone.post("/sign-out/")
    signed_in, again, refused, out = AuditEvent.objects.order_by("id")
    assert signed_in.session == refused.session != again.session == out.session
    keys = {here.cookies["desk-session"].value}
    assert {signed_in.session, again.session} & keys == set()
    assert all(len(event.session) == 16 for event in (signed_in, again, refused, out))


def test_the_trail_finds_everything_done_in_one_session(sam: Person, as_ana: Client) -> None:
    here = browser(FIREFOX)
    here.get("/connections/")
    (mark,) = marks(sam)
    page = as_ana.get("/audit/", {"about": mark}).text
    assert "signed in" in page
    assert "/connections/" in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox on Linux"), (SAFARI, "Safari on iPhone"), ("", "A browser"), ("curl/8.5", "curl"), ("<script>", "A browser")],
)
def test_agents_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words
