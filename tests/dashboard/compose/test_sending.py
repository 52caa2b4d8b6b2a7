"""Sending: once, under a token of ours; and every reason for which nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import AuditEvent, CatalogueItem, Connection, Dispatch, Person
from dashboard.services import connections
from dashboard.services.form_tokens import make_token, read_token
from tests import factories
from tests.dashboard.compose.conftest import stocked
from tests.dashboard.compose.forms import Composer, refused

# --- once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["vonage", "ccai"])
def test_a_sent_form_becomes_a_dispatch_and_leads_to_its_page(as_sam: Client, sam: Person, provider: str, request: Any) -> None:
    composer = Composer(as_sam, request.getfixturevalue(provider))
    data = composer.filled()
    answer = composer.post(data, intent="send")
    dispatch = Dispatch.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/dispatches/{dispatch.ref}/")
    assert dispatch.ref == read_token(data["desk-token"], person=sam).ref
    assert (dispatch.state, dispatch.created_by, dispatch.source, dispatch.key_by_hand) == (State.QUEUED, sam, "screen", False)
    assert AuditEvent.objects.filter(action="dispatch.made", actor=sam, object_id=dispatch.ref).count() == 1


def test_a_double_submit_sends_once_and_says_so(route: Composer) -> None:
    data = route.filled()
    first = route.post(data, intent="send")
    second = route.post(data, intent="send")
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert Dispatch.objects.count() == 1
    page = route.browser.get(second.headers["Location"]).content.decode()
    assert "It was not sent a second time" in page


def test_the_same_form_with_other_content_is_kept_for_a_dispatch_of_its_own(route: Composer) -> None:
    data = route.filled()
    route.post(data, intent="send")
    first = Dispatch.objects.get()
    answer = route.post({**data, "name": "Another"}, intent="send")
    assert answer.status_code == 422
    kept = route.read(answer)
    assert f'href="/dispatches/{first.ref}/"' in route.page
    assert kept["name"] == "Another"
    assert kept["requestid"] != data["requestid"]
    assert Dispatch.objects.count() == 1
    assert route.post(kept, intent="send").status_code == 303
    assert Dispatch.objects.count() == 2


def test_a_key_taken_is_shown_beside_its_field_with_the_earlier_dispatch(route: Composer) -> None:
    route.post(route.filled(requestid="8762187187"), intent="send")
    first = Dispatch.objects.get()
    answer = route.post(route.filled(requestid="8762187187"), intent="send")
    assert answer.status_code == 422
    error = route.page.partition('id="id_requestid_error"')[2].partition("</span>")[0]
    assert "“8762187187” was already used on this connection" in error
    assert f'href="/dispatches/{first.ref}/"' in route.page
    assert Dispatch.objects.count() == 1


def test_the_same_key_on_another_connection_is_free(as_sam: Client, route: Composer) -> None:
    other = Composer(as_sam, stocked("vonage", name="vcc-apac"))
    assert route.post(route.filled(requestid="8762187187"), intent="send").status_code == 303
    assert other.post(other.filled(requestid="8762187187"), intent="send").status_code == 303


# --- the token ------------------------------------------------------------------------------------


def test_an_expired_form_is_kept_under_a_fresh_token(route: Composer, settings: Any) -> None:
    data = route.filled(name="Case 7")
    settings.FORM_LIFE = -1
    answer = route.post(data, intent="send")
    assert answer.status_code == 200
    kept = route.read(answer)
    assert "open for too long, so nothing was sent" in route.page
    assert not Dispatch.objects.exists()
    assert kept["name"] == "Case 7"
    assert kept["desk-token"] != data["desk-token"]
    assert kept["requestid"] != data["requestid"]
    settings.FORM_LIFE = 60
    assert route.post(kept, intent="send").status_code == 303
    assert not Dispatch.objects.get().key_by_hand


def test_an_expired_form_keeps_a_key_set_by_hand(route: Composer, settings: Any) -> None:
    data = route.filled(requestid="mine")
    settings.FORM_LIFE = -1
    assert route.read(route.post(data, intent="send"))["requestid"] == "mine"


@pytest.mark.parametrize("token", ["", "rubbish", "a:b:c"])
def test_a_form_without_a_token_of_ours_is_not_sent(route: Composer, token: str) -> None:
    answer = route.post({**route.filled(), "desk-token": token}, intent="send")
    assert answer.status_code == 200
    assert not Dispatch.objects.exists()
    assert route.read(answer)["externalid"] == "40a4b50f"


def test_a_token_of_somebody_else_is_none(route: Composer, sam: Person) -> None:
    other = factories.person("sue", supervisor=True)
    theirs = make_token(ref="abcdefghjk", person=other)
    route.post({**route.filled(), "desk-token": theirs}, intent="send")
    assert not Dispatch.objects.exists()
    assert read_token(theirs, person=other).ref == "abcdefghjk"
    assert read_token(theirs, person=sam).ref == ""


# --- why nothing is sent --------------------------------------------------------------------------


def test_a_paused_connection_refuses(route: Composer, vonage: Connection, ada: Person) -> None:
    data = route.filled()
    connections.pause(connection=vonage, reason="the vendor is down", by=ada)
    refused(route, route.post(data, intent="send"), "vcc-emea is paused (the vendor is down)")
    assert route.read(route.post(data, intent="send"))["route"] == "Route Interaction NR"
    assert "Nothing can be sent through it" in route.browser.get(route.url).content.decode()


def test_an_archived_connection_refuses(route: Composer, vonage: Connection, ada: Person) -> None:
    data = route.filled()
    connections.archive(connection=vonage, by=ada)
    refused(route, route.post(data, intent="send"), "is archived")


def test_an_archived_item_is_refused(route: Composer) -> None:
    data = route.filled()
    CatalogueItem.objects.filter(key="Route Interaction NR").update(archived_at=timezone.now())
    refused(route, route.post(data, intent="send"), "The named route “Route Interaction NR” is archived.")


def test_an_unknown_item_is_refused(route: Composer) -> None:
    refused(route, route.post(route.filled(route="Nowhere"), intent="send"), "has no named route “Nowhere”")


def test_a_role_taken_away_meanwhile_refuses(route: Composer, sam: Person) -> None:
    data = route.filled()
    Person.objects.filter(pk=sam.pk).update(is_supervisor=False)
    assert route.post(data, intent="send").status_code in (302, 401, 403)
    assert not Dispatch.objects.exists()


def test_a_request_too_large_is_refused_with_both_figures(route: Composer) -> None:
    big = {"extra-0-key": "Note", "extra-0-value": "x" * 100_000}
    answer = route.post(route.filled(**big), intent="send")
    assert answer.status_code == 422
    assert "takes at most 100,000" in route.page
    assert not Dispatch.objects.exists()
    assert route.read(answer)["extra-0-value"] == "x" * 100_000


def test_hidden_fields_that_are_not_the_forms_change_nothing(route: Composer, ccai: Connection) -> None:
    tampered = {"connection": str(ccai.pk), "ref": "forged", "state": "accepted", "created_by": "1", "give_up_at": "2099-01-01"}
    assert route.post(route.filled(**tampered), intent="send").status_code == 303
    dispatch = Dispatch.objects.get()
    assert (dispatch.connection.name, dispatch.state) == ("vcc-emea", State.QUEUED)
    assert dispatch.ref != "forged"
