"""Going back to a form that was sent: the browser does not keep telephone numbers, and the desk leads to what was sent instead."""

from __future__ import annotations

from dashboard.models import Dispatch
from tests.dashboard.compose.forms import Composer, posted_by


def test_the_preview_of_a_form_that_was_sent_leads_back_to_its_numbers(text: Composer) -> None:
    data = text.filled() | {"desk-sent": "yes"}
    again = "/compose/again/"
    assert again not in text.preview(data)
    assert text.post(data, intent="send").status_code == 303
    sent = Dispatch.objects.get()
    page = text.preview(data | {"end_user_number": ""})
    assert "This form was sent already" in page
    assert f'href="{again}{sent.ref}/"' in page
    anew = text.browser.get(f"{again}{sent.ref}/").content.decode()
    assert posted_by(anew)["end_user_number"] == "+14155550100"
