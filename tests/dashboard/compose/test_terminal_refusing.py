"""What `manage.py compose` refuses, in words and with 64, and that nothing is recorded then."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from dashboard.models import CatalogueItem, Connection, Dispatch, Person
from dashboard.services import connections
from tests import factories
from tests.dashboard.compose.forms import FILLED
from tests.dashboard.compose.terminal import Run, compose, refused

NO_TIMES = ("soon", "nan", "inf", "-5", "-1", "1e999")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["route"], "required: --connection"),
        (["route", "--connection", "nowhere"], "There is no connection “nowhere” in use. There are: vcc-emea."),
        (["fly", "--connection", "vcc-emea"], "vonage has no action “fly”. It has route, sms, release."),
        (["register", "--connection", "vcc-emea"], "vonage has no action “register”"),
        (["ccai.text", "--connection", "vcc-emea"], "vcc-emea is a connection to vonage, not to ccai."),
        (["route", "--connection", "vcc-emea"], "route: Choose the named route."),
        (["route", "--connection", "vcc-emea", "--fields", "/nowhere.json"], "/nowhere.json cannot be read"),
        (["route", "--connection", "vcc-emea", "--fields", "a", "--request", "b"], "not allowed with"),
        (["route", "--connection", "vcc-emea", "--wait"], "--wait needs --send."),
        *((["route", "--connection", "vcc-emea", "--wait", word], f"“{word}” is not a time in seconds") for word in NO_TIMES),
        (["route", "--connection", "vcc-emea", "--by", "nobody"], "“nobody” is nobody who may compose."),
    ],
)
def test_wrong_arguments(words: list[str], sentence: str, vonage: Connection) -> None:
    refused(compose(*words), sentence)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ("{", "This is not JSON: it goes wrong in line 1, column 2."),
        ([], "--fields must hold one JSON object."),
        ({"rout": "x"}, "route has no field “rout”. Its fields are "),
        ({"skills": "Billing"}, "“skills” must be a list of objects."),
        ({"skills": ["Billing"]}, "“skills” must be a list of objects."),
        ({"skills": [{"nam": "Billing"}]}, "“skills-0-nam”"),
        ({"route": ["APIRouting"]}, "“route” takes no list."),
        ({"route": "Nowhere"}, "route: The catalogue of this connection has no named route “Nowhere”."),
        ({"route": "APIRouting", "loggedintimeout": 1.5}, "loggedintimeout: Enter a whole number"),
        (
            {"route": "APIRouting", "skills": [{"name": "A"}, {"name": "B", "mode": "expires", "seconds": 2_678_400}]},
            "skills 2, seconds: At most 2,678,399 seconds (31 days).",
        ),
        ({"route": "APIRouting", "extra": [{"key": "k", "value": "x" * 100_000}]}, "takes at most 100,000"),
    ],
)
def test_wrong_fields(run: Run, fields: Any, sentence: str, vonage: Connection) -> None:
    refused(run("route", "--connection", "vcc-emea", fields=fields), sentence)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"requests": [{"route": "APIRouting", "colour": "red"}]}, "requests[0].colour"),
        ({"requests": [{"action": "release", "externalid": "1"}]}, "The body asks for release, not for route."),
        ({"requests": [{"route": "APIRouting"}, {"route": "Nowhere"}]}, "Request 2: route: The catalogue"),
        ({"requests": [{"route": "APIRouting"}, {"action": "release", "externalid": "1"}]}, "The body asks for release, not for route."),
    ],
)
def test_wrong_requests(run: Run, request_: Any, sentence: str, vonage: Connection) -> None:
    refused(run("route", "--connection", "vcc-emea", request=request_), sentence)


def test_an_archived_target_is_refused(run: Run, vonage: Connection) -> None:
    CatalogueItem.objects.filter(key="APIRouting").update(archived_at=timezone.now())
    refused(run("route", "--connection", "vcc-emea", fields={"route": "APIRouting"}), "“APIRouting” is archived")


def test_a_paused_connection_is_refused(run: Run, vonage: Connection, sam: Person, ada: Person) -> None:
    connections.pause(connection=vonage, reason="the vendor is down", by=ada)
    ran = run("route", "--connection", "vcc-emea", "--send", fields=FILLED["vonage"])
    refused(ran, "vcc-emea is paused (the vendor is down)")


@pytest.mark.parametrize("who", ["ada", "ana", "gone"])
def test_only_supervisors_send(run: Run, who: str, vonage: Connection, sam: Person, ada: Person, ana: Person) -> None:
    factories.person("gone", supervisor=True, is_active=False)
    ran = run("route", "--connection", "vcc-emea", "--send", "--by", who, fields=FILLED["vonage"])
    refused(ran, f"“{who}” is nobody who may compose.")


def test_who_sends_must_be_clear(run: Run, vonage: Connection, sam: Person) -> None:
    factories.person("sue", supervisor=True)
    refused(run("route", "--connection", "vcc-emea", "--send", fields=FILLED["vonage"]), "Say who sends: --by USERNAME")
    assert run("route", "--connection", "vcc-emea", "--send", "--by", "sue", fields=FILLED["vonage"]).code == 0
    assert Dispatch.objects.get().created_by_name == "sue"
