"""The page of one dispatch: what it says, and what may be done there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Attempt, AuditEvent, Connection, Decision, Dispatch, Invocation, Lane, Person
from dashboard.services import dispatches as service
from providers.fields import FormContext, HeldCatalogue, flat
from tests import factories

NUMBER = "+14155550100"


@pytest.fixture
def texted(db: None, sam: Person) -> Dispatch:
    """A text to a customer, recorded as the composer does it."""
    connection = factories.connection("ccai", name="ccai-us", country="US")
    number = factories.item(connection, "number", "+16285550199")
    action = connection.vendor.action("text")
    context = FormContext(connection.account(), service.new_ref(), "UTC", timezone.now(), HeldCatalogue({"number": [number.as_item()]}))
    fields = {"end_user_number": NUMBER, "outbound_number": "+16285550199", "message": "Your case is open"}
    form = action.form(flat(fields), context=context)
    assert form.is_valid(), form.errors
    command = action.command(form)
    request = service.Request(command, action.summarise(command), number)
    return service.submit(connection=connection, requests=[request], ref=context.reference, by=sam, source="screen").dispatches[0]


def put(dispatch: Dispatch, **columns: Any) -> None:
    """Bring a dispatch into a state, as the worker would have."""
    Dispatch.objects.filter(pk=dispatch.pk).update(**columns)


def attempt(dispatch: Dispatch, **columns: Any) -> Invocation:
    now = timezone.now()
    values = {
        "uid": uuid4(),
        "connection": dispatch.connection,
        "method": "POST",
        "url": "https://customer.uc1.ccaiplatform.com/apps/api/v1/sms",
        "headers": [["Authorization", "Basic ••••"]],
        "request_sealed": b"",
        "request_shown": '{"end_user_number":"+1 415-•••-0100"}',
        "digest": "9f2c" * 16,
        "worker": "tests",
        "epoch": 1,
        "created_at": now,
        **columns,
    }
    call = Invocation.objects.create(**values)
    Attempt.objects.create(dispatch=dispatch, invocation=call, number=1, state="answered" if call.status else "unanswered")
    return call


def test_it_shows_facts_request_and_answer(as_sam: Client, texted: Dispatch) -> None:
    now = timezone.now()
    attempt(texted, marked_at=now, answered_at=now, ended_at=now, status=200, took_ms=120, connected_ms=4, answer_shown='{"id": 114}')
    put(texted, state="accepted", settled_at=now, explanation="CCAI Platform made the chat.")
    page = as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    assert "CCAI Platform made the chat." in page
    assert "Basic ••••" in page
    assert "Answered 200 in 120 ms" in page
    assert NUMBER not in page.replace(" ", "").replace("-", "")


def test_an_answer_that_proves_nothing_is_told_from_no_answer(as_sam: Client, texted: Dispatch) -> None:
    now = timezone.now()
    attempt(texted, marked_at=now, answered_at=now, ended_at=now, status=502, took_ms=120, answer_shown="<html>")
    Attempt.objects.update(state="unanswered", explanation="The answer cannot be read.")
    put(texted, state="in_doubt", settled_at=now, unanswered=True)
    page = as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    assert "Answered 502 in 120 ms, which proves nothing" in page
    assert "The answer cannot be read." in page
    assert "No answer" not in page


def test_no_answer_is_told_as_such(as_sam: Client, doubtful: Dispatch) -> None:
    page = as_sam.get(f"/dispatches/{doubtful.ref}/").content.decode()
    assert "No answer within 30 s." in page
    assert "proves nothing" not in page.partition("Timeline")[2]


def test_it_renews_itself_only_while_open(as_sam: Client, texted: Dispatch) -> None:
    assert b'hx-trigger="every 1s"' in as_sam.get(f"/dispatches/{texted.ref}/").content
    put(texted, state="rejected", settled_at=timezone.now())
    assert b'hx-trigger="every 1s"' not in as_sam.get(f"/dispatches/{texted.ref}/live/").content


def test_it_stays_as_it_is_while_nothing_changes(as_sam: Client, texted: Dispatch, now: datetime) -> None:
    seen = as_sam.get(f"/dispatches/{texted.ref}/").context["seen"]
    live = f"/dispatches/{texted.ref}/live/?seen={seen}"
    assert as_sam.get(live).status_code == 204
    put(texted, state="waiting")
    assert as_sam.get(live).status_code == 200


def test_a_schedule_is_looked_at_less_often(as_sam: Client, texted: Dispatch) -> None:
    put(texted, state="held", scheduled=True, due_at=timezone.now() + timedelta(days=1))
    page = as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    assert 'hx-trigger="every 10s"' in page
    assert "It is due" in page
    assert "Europe/London" in page


def test_it_says_what_it_waits_for(as_sam: Client, texted: Dispatch) -> None:
    put(texted, state="waiting", due_at=timezone.now() + timedelta(minutes=3))
    assert "The next attempt is due at" in as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    Lane.objects.update(breaker="open")
    assert "ccai-us rests after several errors" in as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    Connection.objects.update(paused_at=timezone.now(), paused_reason="The plan is being changed.")
    assert "ccai-us, which is paused: The plan is being changed." in as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    put(texted, state="accepted", settled_at=timezone.now())
    assert "which is paused" not in as_sam.get(f"/dispatches/{texted.ref}/").content.decode()


@pytest.mark.parametrize(
    ("environment", "words"), [("production", "Production: ccai-us reaches real people."), ("sandbox", "Sandbox: ccai-us reaches nobody.")]
)
def test_whom_it_reaches_is_said_on_every_page_that_shows_it(as_sam: Client, texted: Dispatch, environment: str, words: str) -> None:
    Connection.objects.update(environment=environment)
    assert words in as_sam.get(f"/dispatches/{texted.ref}/").content.decode()
    for page, state in (("/history/", "accepted"), ("/doubts/", "in_doubt"), ("/scheduled/", "held"), ("/", "queued")):
        put(texted, state=state, scheduled=state == "held")
        shown = as_sam.get(page).content.decode()
        assert f'class="in-{environment}"' in shown
        assert f'<span class="environment {environment}">' in shown


def test_an_unknown_reference_is_not_found(as_sam: Client) -> None:
    assert as_sam.get("/dispatches/nothing123/").status_code == 404


def test_take_back(as_sam: Client, texted: Dispatch) -> None:
    as_sam.post(f"/dispatches/{texted.ref}/cancel/")
    texted.refresh_from_db()
    assert texted.state == "cancelled"
    answer = as_sam.post(f"/dispatches/{texted.ref}/cancel/", follow=True)
    assert b"cannot be taken back any more" in answer.content


def test_a_number_is_revealed_only_with_a_reason_and_recorded(as_sam: Client, texted: Dispatch) -> None:
    refused = as_sam.post(f"/dispatches/{texted.ref}/reveal/", {"reason": ""})
    assert refused.status_code == 422
    assert NUMBER not in refused.content.decode()
    shown = as_sam.post(f"/dispatches/{texted.ref}/reveal/", {"reason": "The customer asked on the phone"})
    assert NUMBER in shown.content.decode()
    event = AuditEvent.objects.get(action="number.revealed")
    assert (event.object_name, event.detail["reason"]) == (texted.ref, "The customer asked on the phone")
    assert "4155550100" not in str(event.detail)


def test_an_admin_may_read_but_not_reveal_or_cancel(as_ada: Client, texted: Dispatch) -> None:
    assert as_ada.get(f"/dispatches/{texted.ref}/").status_code == 200
    assert as_ada.post(f"/dispatches/{texted.ref}/reveal/", {"reason": "just curious"}).status_code == 403
    assert as_ada.post(f"/dispatches/{texted.ref}/cancel/").status_code == 403
    texted.refresh_from_db()
    assert texted.state == "queued"


@pytest.fixture
def doubtful(texted: Dispatch) -> Dispatch:
    """A text whose answer was lost a minute ago."""
    then = timezone.now() - timedelta(minutes=1)
    attempt(texted, marked_at=then, ended_at=then, failure="deadline", failure_text="No answer within 30 s.")
    put(texted, state="in_doubt", settled_at=then, unanswered=True, first_unanswered_at=then)
    texted.refresh_from_db()
    return texted


def test_a_doubt_is_decided_with_a_reason(as_sam: Client, sam: Person, doubtful: Dispatch) -> None:
    refused = as_sam.post(f"/dispatches/{doubtful.ref}/decide/", {"found": "arrived", "reason": ""})
    assert refused.status_code == 422
    as_sam.post(f"/dispatches/{doubtful.ref}/decide/", {"found": "arrived", "reason": "Chat 114 is in the portal"})
    decision = Decision.objects.get()
    assert (decision.found, decision.reason, decision.decided_by) == ("arrived", "Chat 114 is in the portal", sam)
    doubtful.refresh_from_db()
    assert doubtful.state == "in_doubt"


def test_how_long_a_reason_must_be_is_said_before_it_is_refused(as_sam: Client, doubtful: Dispatch) -> None:
    page = as_sam.get(f"/dispatches/{doubtful.ref}/").content.decode()
    for form in ("Decide", "Reveal the number"):
        assert "At least 5 characters." in page.partition(f">{form}<")[2].partition("</form>")[0]
    said = {"found": "arrived", "reason": "seen"}
    assert as_sam.post(f"/dispatches/{doubtful.ref}/decide/", said).status_code == 422
    assert as_sam.post(f"/dispatches/{doubtful.ref}/decide/", said | {"reason": "found"}).status_code == 302


def test_sending_again_waits_for_the_quiet_period(as_sam: Client, doubtful: Dispatch) -> None:
    page = as_sam.get(f"/dispatches/{doubtful.ref}/").content.decode()
    assert "disabled" in page.split("Record and send again")[0].rsplit("<button", 1)[1]
    said = {"found": "did_not_arrive", "reason": "No chat in the portal", "again": "yes"}
    answer = as_sam.post(f"/dispatches/{doubtful.ref}/decide/", said, follow=True)
    assert b"may be sent again from" in answer.content
    assert Dispatch.objects.count() == 1


def test_after_the_quiet_period_a_new_dispatch_takes_its_place(as_sam: Client, doubtful: Dispatch) -> None:
    Invocation.objects.update(marked_at=timezone.now() - timedelta(hours=1))
    said = {"found": "did_not_arrive", "reason": "No chat in the portal", "again": "yes"}
    as_sam.post(f"/dispatches/{doubtful.ref}/decide/", said)
    again = Dispatch.objects.get(supersedes=doubtful)
    assert again.state == "queued"
    assert again.key != doubtful.key
    as_sam.post(f"/dispatches/{doubtful.ref}/send-again/")
    assert Dispatch.objects.count() == 2


def test_one_decision_for_an_outage(as_sam: Client, sam: Person, doubtful: Dispatch) -> None:
    window = {"connection": "ccai-us", "since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
    answer = as_sam.post("/doubts/decide/", {**window, "found": "did_not_arrive", "reason": "The outage of today"}, follow=True)
    assert b"1 dispatch decided" in answer.content
    assert Decision.objects.get().dispatch == doubtful
    backwards = as_sam.post("/doubts/decide/", {**window, "until": "2019-01-01T00:00", "found": "arrived", "reason": "The outage"})
    assert b"The window ends before it begins" in backwards.content


def test_what_is_scheduled_stands_in_order(as_sam: Client, sam: Person, texted: Dispatch) -> None:
    soon, later = (factories.dispatch(texted.connection, sam, target=name, state="held", scheduled=True) for name in ("soon", "later"))
    put(later, due_at=timezone.now() + timedelta(days=2))
    put(soon, due_at=timezone.now() + timedelta(days=1))
    assert [row.target for row in as_sam.get("/scheduled/").context["page"].rows] == ["soon", "later"]
