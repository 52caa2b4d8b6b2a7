"""Faults F62 to F67: input that means harm."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from dashboard.choices import State
from dashboard.models import Attempt, Dispatch, Invocation
from dashboard.services import dispatches, form_tokens
from dashboard.services.compose import context_for
from providers.fields import ActionForm
from providers.sandbox.faults import Kind
from tests import factories
from tests.faults.case import DESK, C, Case, V, fault

NUMBERS = (
    "+1415555" + "\u0660\u0661\u0662\u0663",
    "+1415555\uff10\uff11\uff12\uff13",
    "+14155550100\u200b",
    "+1415555CALL",
    "+14155550100 ext 5",
    "+141555501001234567",
    "12",
    "",
)


def form(case: Case, action: str, **data: str) -> ActionForm:
    context = context_for(connection=case.connection, ref=dispatches.new_ref(), person=None)
    return case.connection.vendor.action(action).form(data, context=context)


@fault("F62", "telephone numbers that are none", (C,))
def odd_numbers(case: Case) -> None:
    for number in NUMBERS:
        filled = form(case, "text", end_user_number=number, outbound_number="+16285550199", message="Hello")
        assert not filled.is_valid() or filled.cleaned_data["end_user_number"].isascii()
        assert filled.is_valid() is False or len(filled.cleaned_data["end_user_number"]) <= 16


TEXTS = ("a\x00b", "a\x1bb", "a\u202eb", "a\u2028b", "a\u200bb", "a\ufeffb")
FIELDS = {
    "vonage": ("route", "externalid", {"route": "CrmCallRouting"}),
    "acoustic": ("send", "message_name", {"message": "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77", "contact_source": "4396830"}),
    "ccai": ("text", "message", {"end_user_number": "+14155550100", "outbound_number": "+16285550199"}),
}


@fault("F63", "texts with characters that cannot be seen")
def odd_texts(case: Case) -> None:
    action, name, rest = FIELDS[case.provider]
    refused = [name in form(case, action, **rest, **{name: text}).errors for text in TEXTS]
    assert all(refused), refused
    assert name not in form(case, action, **rest, **{name: "Grüße 👋🏽 שלום"}).errors


@fault("F64", "values beyond the vendor's limits", (V,))
def beyond_limits(case: Case) -> None:
    rows = case.send(60, changes={"linkeddata": [{"type": "interactionproperty", "key": "note", "value": "x" * 4_000}]})
    case.work()
    assert set(case.states(rows)) == {State.ACCEPTED}
    assert case.box.counters("vonage", "/interactions/*").largest_body <= 100_000


@fault("F65", "forms that are too large", DESK)
def oversize_form(case: Case) -> None:
    client = Client()
    client.force_login(case.sam)
    path = reverse("compose_form", args=[case.connection.name, "route"])
    many = client.post(path, {f"field{number}": "x" for number in range(1_001)})
    large = client.post(path, {"externalid": "x" * 3_000_000})
    assert {many.status_code, large.status_code} <= {400, 413}
    assert not Dispatch.objects.exists()


@fault("F66", "tampered form token", DESK)
def tampered(case: Case) -> None:
    token = form_tokens.make_token(ref="abcdefghjk", person=case.sam)
    assert form_tokens.read_token(token, person=case.sam).ref == "abcdefghjk"
    changed = token.replace(token[3], "A" if token[3] != "A" else "B", 1)
    assert form_tokens.read_token(changed, person=case.sam).ref == ""
    assert form_tokens.read_token(token, person=factories.person(supervisor=True)).ref == ""


@fault("F67", "hostile words in an answer")
def hostile_words(case: Case) -> None:
    words = b"<script>alert(1)</script>\x1b[31m\r\nSet-Cookie: a=b\x00" + b"A" * 900_000
    case.fault(Kind.ANSWER, status=400, body=words, headers=(("Content-Type", "text/html"),))
    (row,) = case.send()
    case.work()
    row.refresh_from_db()
    assert row.state == State.REJECTED
    assert len(row.said) <= 2_000
    assert not any(character in row.said for character in "\x00\x1b")
    assert "\x00" not in Invocation.objects.get().answer_shown
    assert Attempt.objects.get().said == row.said
