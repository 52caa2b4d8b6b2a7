"""A dispatch's page offers each request as a curl command: as it was sent, without credential and whole telephone number."""

from __future__ import annotations

import re
import shlex
from html import unescape
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from dashboard.choices import State
from dashboard.models import Attempt, Invocation, Person
from tests import factories

BODY = '{"end_user_number":"+1 415-•••-0100","message":"It\'s open"}'


def test_the_request_as_sent_can_be_copied_as_curl(as_sam: Client, sam: Person) -> None:
    dispatch = factories.dispatch(factories.connection("ccai", name="ccai-us"), sam, state=State.ACCEPTED)
    call = Invocation.objects.create(
        uid=uuid4(),
        connection=dispatch.connection,
        method="POST",
        url="https://customer.uc1.ccaiplatform.com/apps/api/v1/sms",
        headers=[["Content-Type", "application/json"], ["Authorization", "Basic ••••"]],
        request_sealed=b"",
        request_shown=BODY,
        digest="9f2c" * 16,
        worker="tests",
        epoch=1,
        created_at=timezone.now(),
    )
    Attempt.objects.create(dispatch=dispatch, invocation=call, number=1, state="unanswered")
    page = as_sam.get(f"/dispatches/{dispatch.ref}/").content.decode()
    assert 'data-copy="curl-1"' in page
    shown = re.search(r'<pre[^>]* id="curl-1"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert shown
    words = shlex.split(unescape(re.sub("<[^>]+>", "", shown[1])).replace("\\\n", ""))
    assert words[:4] == ["curl", "--request", "POST", call.url]
    assert words[words.index("--user") + 1].endswith(":<TOKEN>")
    assert words[words.index("--header") + 1] == "Content-Type: application/json"
    assert words[words.index("--data-raw") + 1] == BODY
    assert "Basic" not in " ".join(words)
