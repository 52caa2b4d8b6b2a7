"""Tokens, the test of a connection, and the list of published messages."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.acoustic import PROVIDER, access
from providers.base import BearerAuth
from providers.errors import AccessRefused, BadAnswer
from providers.types import Answer, Found, Item, Json, Secrets, Token, Verdict
from tests.providers.acoustic.samples import ACCOUNT, JSON, MESSAGE, SECRETS, answer, envelope
from tests.providers.contract import QUICK, answers, json_values

assert isinstance(PROVIDER.auth, BearerAuth)
AUTH = PROVIDER.auth
NOW = 1_000_000.0
GIVEN = {"access_token": "a1b2c3S1", "token_type": "bearer", "refresh_token": "r-0f1e2d3c", "expires_in": 14400}
HOUR = 3600.0


def token(**parts: Json) -> Token:
    body = {name: value for name, value in {**GIVEN, **parts}.items() if value is not ...}
    return AUTH.read(answer(200, body), NOW)


class TestTokenRequest:
    def test_the_secrets_travel_in_the_form_and_nowhere_else(self) -> None:
        request = AUTH.request(ACCOUNT, Secrets(SECRETS))
        assert (request.method, request.url) == ("POST", "https://api-campaign-us-1.goacoustic.com/oauth/token")
        assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"
        assert parse_qs(request.body.decode(), strict_parsing=True) == {
            "grant_type": ["refresh_token"],
            "client_id": [SECRETS["client_id"]],
            "client_secret": [SECRETS["client_secret"]],
            "refresh_token": [SECRETS["refresh_token"]],
        }


class TestRules:
    """The vendor: "request a new token no more than every 3.01+ hours"; a token lives four."""

    def test_no_token_is_asked_for_oftener_than_every_3_01_hours(self) -> None:
        assert AUTH.least_age >= 3.01 * HOUR

    def test_a_new_token_is_renewed_between_3_01_and_4_hours(self) -> None:
        fresh = token()
        renewed_at = fresh.expires_at - AUTH.renew_before
        assert 3.01 * HOUR <= renewed_at - fresh.issued_at < 4 * HOUR
        assert renewed_at >= fresh.issued_at + AUTH.least_age

    @pytest.mark.parametrize("left", [14400, 12222, 10860, 3600, 3541])
    def test_the_age_of_a_token_that_was_given_again_is_reckoned_from_its_end(self, left: int) -> None:
        again = token(expires_in=left)
        assert again.expires_at == NOW + left
        assert again.issued_at == NOW + left - 4 * HOUR

    @pytest.mark.parametrize("left", [3540, 600, 60])
    def test_one_given_near_its_end_is_used_up_and_then_replaced_at_once(self, left: int) -> None:
        last = token(expires_in=left)
        assert last.issued_at + AUTH.least_age == last.expires_at == NOW + left


class TestTokenAnswer:
    def test_the_documented_answer(self) -> None:
        assert token() == Token("a1b2c3S1", NOW, NOW + 14400)

    @pytest.mark.parametrize(
        ("told", "life"),
        [
            (14400, 14400),
            (12222, 12222),
            ("14400", 14400),
            (0, 60),
            (-5, 60),
            (10**400, 14400),
            (..., 14400),
            (None, 14400),
            ("soon", 14400),
            (60.5, 60.5),
        ],
    )
    def test_its_life_is_held_between_a_minute_and_four_hours(self, told: Json, life: float) -> None:
        assert token(expires_in=told).expires_at == NOW + life

    @pytest.mark.parametrize("kind", ["bearer", "Bearer", ...])
    def test_it_is_a_bearer_token(self, kind: Json) -> None:
        assert token(token_type=kind).value == "a1b2c3S1"

    @pytest.mark.parametrize(
        "parts",
        [
            {"access_token": ...},
            {"access_token": ""},
            {"access_token": None},
            {"access_token": 5},
            {"access_token": "a b"},
            {"access_token": "a\r\nX-Evil: 1"},
            {"access_token": "é"},
            {"access_token": "x" * 8001},
            {"token_type": "mac"},
            {"token_type": 1},
        ],
        ids=str,
    )
    def test_what_is_no_token(self, parts: dict[str, Json]) -> None:
        with pytest.raises(BadAnswer) as caught:
            token(**parts)
        assert not isinstance(caught.value, AccessRefused)

    @pytest.mark.parametrize(
        ("status", "error", "refused"),
        [
            (400, "invalid_client", True),
            (401, "invalid_client", True),
            (400, "invalid_token", True),
            (400, "invalid_grant", True),
            (401, "", True),
            (403, "", True),
            (400, "unsupported_grant_type", False),
            (400, "", False),
            (429, "", False),
            (500, "", False),
            (302, "", False),
            (204, "", False),
        ],
    )
    def test_whether_the_credentials_are_at_fault(self, status: int, error: str, refused: bool) -> None:
        body = {"error": error, "error_description": f"secret {SECRETS['client_secret']}"} if error else "<html>no</html>"
        with pytest.raises(BadAnswer) as caught:
            AUTH.read(answer(status, body), NOW)
        assert isinstance(caught.value, AccessRefused) is refused
        assert (caught.value.status, caught.value.code) == (status, error)
        assert SECRETS["client_secret"] not in str(caught.value)

    def test_a_cut_answer_is_no_token(self) -> None:
        with pytest.raises(BadAnswer):
            AUTH.read(replace(answer(200, GIVEN), complete=False), NOW)

    @given(said=answers(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())))
    @QUICK
    def test_anything_else_is_a_sentence(self, said: Answer) -> None:
        with pytest.raises(BadAnswer):
            AUTH.read(said, NOW)


def page(rows: Json, following: Json = None) -> Answer:
    said = envelope(data=rows)
    said["meta"]["nextPageUrl"] = following
    return answer(200, said)


class TestProbe:
    def test_it_reads_the_published_messages(self) -> None:
        request = access.probe(ACCOUNT)
        assert (request.method, request.url, request.body) == (
            "GET",
            "https://api-campaign-us-1.goacoustic.com/rest/channels/SMS/publishedmessages",
            b"",
        )

    @pytest.mark.parametrize(
        ("said", "verdict", "words"),
        [
            (page([]), Verdict.ACCEPTED, "gave access"),
            (answer(401, ""), Verdict.REJECTED, "refused the access token"),
            (answer(403, envelope(["Forbidden"])), Verdict.REJECTED, "not enabled for SMS"),
            (answer(404, ""), Verdict.REJECTED, "Check the pod"),
            (answer(500, "<b>vendor's own words</b>"), Verdict.REJECTED, "status 500"),
            (answer(200, "<html>Sign in</html>"), Verdict.REJECTED, "status 200"),
            (answer(200, []), Verdict.REJECTED, "status 200"),
            (answer(200, envelope(data={})), Verdict.REJECTED, "status 200"),
        ],
    )
    def test_its_answer_in_words(self, said: Answer, verdict: Verdict, words: str) -> None:
        found = access.read_probe(said)
        assert found.verdict == verdict
        assert words in found.explanation
        assert "vendor's own" not in found.explanation

    @given(said=answers(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())))
    @QUICK
    def test_any_answer_is_read(self, said: Answer) -> None:
        assert access.read_probe(said).explanation


class TestFetch:
    def test_a_further_page(self) -> None:
        assert PROVIDER.fetch is not None
        request = PROVIDER.fetch(ACCOUNT, "message", "page=2")
        assert request.url == "https://api-campaign-us-1.goacoustic.com/rest/channels/SMS/publishedmessages?page=2"

    def test_items_and_the_next_page(self) -> None:
        rows = [
            {"id": MESSAGE, "name": "Reminder", "campaignName": None, "contactSourceId": "320000", "programIds": "1,2"},
            {"id": "0b2f6c9e-6a57-4f6c-9d1e-2f7b1c5a8d40", "name": None, "contactSourceId": 320001},
            {"id": "7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77", "name": "x" * 300, "contactSourceId": None},
        ]
        found = self.read(page(rows, "http://engage-qa1-api.adm01.com/rest/channels/SMS/publishedmessages?page=2"))
        assert list(found.items) == [
            Item(MESSAGE, "Reminder", {"contact_source": "320000"}),
            Item("0b2f6c9e-6a57-4f6c-9d1e-2f7b1c5a8d40", "", {"contact_source": "320001"}),
            Item("7d1f0a52-93c4-4e0b-8a6d-5b9e3c2f1a77", "x" * 200, {}),
        ]
        assert found.next_page == "page=2"

    def test_the_items_fit_the_catalogue(self) -> None:
        kind = PROVIDER.kind("message")
        (item,) = self.read(page([{"id": MESSAGE, "name": "Reminder", "contactSourceId": "320000"}])).items
        form = kind.form({name: str(value) for name, value in kind.form.fields_of(item).items()}, account=ACCOUNT)
        assert form.is_valid(), form.errors
        assert form.item() == item

    @pytest.mark.parametrize("following", [None, ""])
    def test_the_last_page(self, following: Json) -> None:
        assert self.read(page([], following)).next_page == ""

    @pytest.mark.parametrize("row", [None, "x", [], {}, {"id": None}, {"id": 5}, {"id": ""}, {"name": "x"}])
    def test_rows_without_an_id_are_left_out(self, row: Json) -> None:
        assert list(self.read(page([row])).items) == []

    @pytest.mark.parametrize(
        "following",
        ["http://evil.example/rest", "http://[", 5, ["?page=2"], "https://x/?a b", "https://x/?a=%zz", "?" + "x" * 301],
    )
    def test_a_next_page_that_cannot_be_followed_is_said(self, following: Json) -> None:
        with pytest.raises(BadAnswer, match="goes on"):
            self.read(page([], following))

    @pytest.mark.parametrize(
        ("status", "error"), [(401, AccessRefused), (403, AccessRefused), (404, BadAnswer), (500, BadAnswer), (200, BadAnswer)]
    )
    def test_an_answer_without_a_list(self, status: int, error: type[BadAnswer]) -> None:
        with pytest.raises(error) as caught:
            self.read(answer(status, "{}", headers=JSON))
        assert str(caught.value)

    @given(said=answers(json_values.map(lambda value: json.dumps(envelope(data=value)).encode())))
    @QUICK
    def test_any_list_is_read_or_refused(self, said: Answer) -> None:
        try:
            items = self.read(said).items
        except BadAnswer:
            items = ()
        assert all(item.key and len(item.key) <= 36 and len(item.label) <= 200 for item in items)

    def read(self, said: Answer) -> Found:
        assert PROVIDER.read_fetch is not None
        return PROVIDER.read_fetch("message", said)
