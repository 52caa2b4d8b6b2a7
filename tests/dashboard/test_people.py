"""People: adding, roles, disabling, links; the last admin; the command for the first one."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.choices import State
from dashboard.models import AuditEvent, Dispatch, Person
from dashboard.roles import Role
from dashboard.services import people
from tests import factories
from tests.client import PageClient

pytestmark = pytest.mark.django_db
NEW = {"username": "Nora", "name": "Nora New", "roles": ["supervisor", "auditor"], "time_zone": "Europe/Berlin"}
LONG = "another long enough password"


def last_event() -> AuditEvent:
    event = AuditEvent.objects.order_by("id").last()
    assert event
    return event


# --- screens --------------------------------------------------------------------------------------


def test_adding_shows_a_link_once_that_works(as_ada: Client) -> None:
    response = as_ada.post("/people/add/", NEW)
    nora = Person.objects.get(username="nora")
    assert (nora.roles, nora.time_zone, nora.has_usable_password()) == ([Role.SUPERVISOR, Role.AUDITOR], "Europe/Berlin", False)

    link = re.search(r"http://testserver(/password/[^<]+/)</pre>", response.content.decode())
    assert link
    browser = PageClient()
    browser.post(browser.get(link[1])["Location"], {"new": LONG, "again": LONG})
    assert browser.post("/sign-in/", {"username": "nora", "password": LONG}).status_code == 302
    assert link[1] not in as_ada.get(f"/people/{nora.pk}/").content.decode()


def test_adding_is_recorded_without_the_link(as_ada: Client, ada: Person) -> None:
    as_ada.post("/people/add/", NEW)
    added, made = AuditEvent.objects.order_by("id")
    assert (added.action, added.actor, added.object_name, added.detail["roles"]) == ("person.added", ada, "nora", "Supervisor, Auditor")
    assert (made.action, made.detail) == ("person.link_made", {})
    assert len(added.after_digest) == 64


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "ADA"}, "Somebody has this user name already."),
        ({"username": "no spaces"}, "Enter a valid username."),
        ({"username": "x" * 61}, "at most 60 characters"),
        ({"time_zone": "Mars/Olympus"}, "is not one of the available choices"),
        ({"roles": ["root"]}, "is not one of the available choices"),
    ],
)
def test_what_will_not_do_is_said_beside_the_field(as_ada: Client, changes: dict[str, Any], said: str) -> None:
    response = as_ada.post("/people/add/", NEW | changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Person.objects.count() == 1


def test_the_list_pages_by_user_name_and_finds(as_ada: Client) -> None:
    for number in range(60):
        factories.person(f"p{number:02}", name="Zoë" if number == 7 else "")
    first = as_ada.get("/people/").content.decode()
    assert first.index(">ada<") < first.index(">p00<") < first.index(">p48<")
    assert ">p49<" not in first
    older = re.search(r'href="(\?before=[^"]*)"', first)
    assert older
    second = as_ada.get("/people/" + older[1]).content.decode()
    assert ">p49<" in second
    assert ">p59<" in second
    assert ">p48<" not in second
    assert ">p07<" in as_ada.get("/people/?q=zoë").content.decode()
    assert "Nobody found" in as_ada.get("/people/?q=nowhere").content.decode()


def test_roles_change_and_are_recorded_in_words(as_ada: Client, sam: Person) -> None:
    response = as_ada.post(f"/people/{sam.pk}/", {"name": "Sam", "roles": ["auditor"], "time_zone": "UTC"})
    assert response.status_code == 302
    sam.refresh_from_db()
    assert (sam.name, sam.roles, sam.time_zone) == ("Sam", [Role.AUDITOR], "UTC")
    assert "supervisor: yes → no, auditor: no → yes" in last_event().detail["changes"]


def test_saving_without_a_change_records_nothing(as_ada: Client, sam: Person) -> None:
    as_ada.post(f"/people/{sam.pk}/", {"name": sam.name, "roles": ["supervisor"], "time_zone": sam.time_zone})
    assert not AuditEvent.objects.filter(action="person.changed").exists()


def test_admins_cannot_take_the_role_from_themselves(as_ada: Client, ada: Person) -> None:
    factories.person("other", admin=True)
    response = as_ada.post(f"/people/{ada.pk}/", {"name": "", "roles": ["auditor"], "time_zone": "UTC"})
    assert response.status_code == 422
    assert "You cannot take the admin role from yourself." in response.content.decode()
    ada.refresh_from_db()
    assert ada.is_admin


def test_admins_cannot_disable_themselves(as_ada: Client, ada: Person) -> None:
    factories.person("other", admin=True)
    page = as_ada.post(f"/people/{ada.pk}/disable/", follow=True).content.decode()
    assert "You cannot disable yourself." in page
    ada.refresh_from_db()
    assert ada.is_active


def test_disabling_and_enabling(as_ada: Client, sam: Person) -> None:
    page = as_ada.post(f"/people/{sam.pk}/disable/", follow=True).content.decode()
    assert "Disabled; every session has ended. 0 dispatches of theirs are suspended." in page
    assert as_ada.post(f"/people/{sam.pk}/link/").status_code == 404
    as_ada.post(f"/people/{sam.pk}/enable/")
    sam.refresh_from_db()
    assert sam.is_active
    assert [event.action for event in AuditEvent.objects.order_by("id")] == ["person.disabled", "person.enabled"]


@pytest.mark.parametrize("path", ["", "link/", "disable/", "enable/"])
def test_unknown_people_are_not_found(as_ada: Client, path: str) -> None:
    assert as_ada.post(f"/people/999999/{path}").status_code == 404


# --- the last admin -------------------------------------------------------------------------------


@pytest.mark.database
def test_the_last_admin_stays(ada: Person) -> None:
    former = factories.person("former", admin=True, is_active=False)
    for refused in (lambda: people.disable(person=ada, by="terminal"), lambda: _take(ada)):
        with pytest.raises(people.NotAllowed, match="ada is the last active admin"):
            refused()
    people.enable(person=former, by="terminal")
    people.disable(person=ada, by="terminal")


def _take(person: Person) -> None:
    people.change(person=person, changes={"is_admin": False}, by="terminal")


# --- dispatches of somebody who may no longer send ------------------------------------------------


@pytest.fixture
def dispatches(sam: Person) -> list[Dispatch]:
    connection = factories.connection()
    return [factories.dispatch(connection, sam, state=state) for state in (State.HELD, State.QUEUED, State.WAITING, State.ACCEPTED)]


@pytest.mark.parametrize("how", ["disabled", "no longer a supervisor"])
def test_what_has_not_left_is_suspended(sam: Person, dispatches: list[Dispatch], how: str) -> None:
    if how == "disabled":
        assert people.disable(person=sam, by="terminal") == 3
    else:
        people.change(person=sam, changes={"is_supervisor": False, "is_auditor": True}, by="terminal")
    assert [Dispatch.objects.get(pk=one.pk).suspended for one in dispatches] == [True, True, True, False]


@pytest.fixture
def registration(ada: Person) -> Dispatch:
    return factories.dispatch(factories.connection("vonage"), ada, action="register", state=State.QUEUED)


@pytest.mark.parametrize("changes", [{"time_zone": "Europe/Berlin"}, {"is_auditor": True}, {"is_admin": False, "is_supervisor": True}])
def test_what_its_maker_still_may_send_goes_on(ada: Person, registration: Dispatch, changes: dict[str, Any]) -> None:
    factories.person("other", admin=True)
    people.change(person=ada, changes=changes, by="terminal")
    registration.refresh_from_db()
    assert not registration.suspended


def test_only_what_its_maker_may_no_longer_send_is_suspended(ada: Person, registration: Dispatch) -> None:
    factories.person("other", admin=True)
    people.change(person=ada, changes={"is_supervisor": True}, by="terminal")
    composed = factories.dispatch(registration.connection, ada, state=State.HELD)
    people.change(person=ada, changes={"is_supervisor": False}, by="terminal")
    assert [Dispatch.objects.get(pk=one.pk).suspended for one in (composed, registration)] == [True, False]
    assert people.disable(person=ada, by="terminal") == 1
    registration.refresh_from_db()
    assert registration.suspended


def test_what_is_suspended_can_be_taken_back_but_not_hurried(sam: Person, dispatches: list[Dispatch]) -> None:
    people.disable(person=sam, by="terminal")
    client = PageClient()
    client.force_login(factories.person("other", supervisor=True))
    path = f"/dispatches/{dispatches[0].ref}/"
    page = client.get(path).content.decode()
    assert "It is suspended: whoever made it may no longer send." in page
    assert "send-now" not in page
    client.post(f"{path}send-now/")
    assert Dispatch.objects.get(pk=dispatches[0].pk).state == State.HELD
    client.post(f"{path}cancel/")
    assert Dispatch.objects.get(pk=dispatches[0].pk).state == State.CANCELLED


def test_a_repeat_that_may_prove_an_outcome_goes_on(sam: Person) -> None:
    doubtful = factories.dispatch(factories.connection(), sam, state=State.WAITING, unanswered=True)
    people.disable(person=sam, by="terminal")
    doubtful.refresh_from_db()
    assert not doubtful.suspended


# --- from a terminal ------------------------------------------------------------------------------


def run(*args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("people", *args, stdout=out, **options)
    return out.getvalue()


def test_the_first_admin_comes_from_the_terminal(client: Client) -> None:
    said = run("add", "root", "--role", "admin", "--address", "https://desk.example")
    person = Person.objects.get()
    assert person.roles == [Role.ADMIN]
    link = re.search(r"https://desk\.example(/password/\S+)", said)
    assert link
    client.post(client.get(link[1])["Location"], {"new": LONG, "again": LONG})
    assert client.post("/sign-in/", {"username": "root", "password": LONG}).status_code == 302
    assert AuditEvent.objects.filter(action="person.added", actor_name="terminal").count() == 1


def test_a_password_can_come_from_standard_input(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(LONG + "\n"))
    said = run("add", "root", "--role", "admin", "--password-stdin")
    assert LONG not in said
    client.post("/sign-in/", {"username": "root", "password": LONG})
    assert client.get("/account/")["Location"] == "/account/password/"


def test_a_weak_password_adds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="at least 12 characters"):
        run("add", "root", "--role", "admin", "--password-stdin")
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "ada", "--role", "admin"), "username: Somebody has this user name already."),
        (("add", "new", "--role", "admin", "--time-zone", "Mars/Olympus"), "time_zone: "),
        (("disable", "ada"), "ada is the last active admin"),
        (("link", "nobody"), "There is nobody with the user name nobody."),
    ],
)
def test_the_command_says_what_is_wrong(ada: Person, args: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=re.escape(said)):
        run(*args)


def test_the_command_lists_and_changes_people(ada: Person, sam: Person) -> None:
    run("roles", "sam", "--role", "supervisor", "--role", "auditor")
    run("disable", "sam")
    lines = run("list").splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["ada", "admin", "active"], ["sam", "supervisor, auditor", "disabled"]]
    run("enable", "sam")
    assert "/password/" in run("link", "sam")


def test_no_name_holds_what_cannot_be_seen(client: Client) -> None:
    client.force_login(factories.person("ada", admin=True))
    sent = {"username": "eve", "name": "Eve\u202eada", "time_zone": "UTC"}
    page = client.post("/people/add/", sent)
    assert page.status_code == 422
    assert "This has a character that cannot be seen (U+202E); take it out." in page.text
    assert not Person.objects.filter(username="eve").exists()
