"""Going back to a form that was sent: the browser does not keep telephone numbers, and the desk leads to what was sent instead."""

from __future__ import annotations

from dashboard.models import Connection, Dispatch, Person
from dashboard.services import dispatches
from tests.dashboard.compose.forms import Composer, posted_by


def test_the_preview_of_a_form_that_was_sent_leads_back_to_its_numbers(text: Composer) -> None:
    data = text.filled() | {"desk-sent": "yes"}
    again = "/compose/again/"
    assert again not in text.preview(data)
    assert text.post(data, intent="send").status_code == 303
    sent = Dispatch.objects.get()
    page = text.preview(data | {"end_user_number": ""})
    assert "This form made a dispatch already." in page
    assert f'href="{again}{sent.ref}/"' in page
    anew = text.browser.get(f"{again}{sent.ref}/").content.decode()
    assert posted_by(anew)["end_user_number"] == "+14155550100"


def test_a_form_whose_dispatch_was_taken_back_says_that_nothing_was_sent(text: Composer, sam: Person, ccai: Connection) -> None:
    Connection.objects.filter(pk=ccai.pk).update(undo_seconds=60)
    data = text.filled()
    text.post(data, intent="send")
    made = Dispatch.objects.get()
    again = text.browser.post(text.url, data | {"intent": "send"}, follow=True).content.decode()
    assert "this is the dispatch it made" in again
    dispatches.cancel(dispatch=made, by=sam)
    page = text.browser.post(text.url, data | {"intent": "send"}, follow=True).content.decode()
    assert "The dispatch that this form made was taken back before it left: nothing was sent." in page
    assert "this is the dispatch it made" not in page
    assert f'href="/compose/again/{made.ref}/"' in page
    assert Dispatch.objects.count() == 1
    changed = text.post(data | {"message": "Other words"}, intent="send")
    assert changed.status_code == 422
    assert f"This form made {made.ref} already, with other content." in text.page
