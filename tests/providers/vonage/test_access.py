"""The connection's address, the token request, and how its answers are read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from providers.base import BearerAuth
from providers.errors import AccessRefused, BadAnswer
from providers.types import Account, Answer, Secrets, Token, WireRequest
from providers.vonage import PROVIDER
from providers.vonage.access import ConnectionForm
from tests.providers.vonage.samples import ACCOUNT, SECRETS

assert isinstance(PROVIDER.auth, BearerAuth)
AUTH = PROVIDER.auth
NOW = 1_795_000_000.0
GIVEN = {"access_token": "abcde12345", "expires_in": 7200, "token_type": "Bearer"}


def answer(status: int, body: Any, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, (("Content-Type", "application/json; charset=utf-8"), *headers.items()), content)


class TestRequest:
    def request(self) -> WireRequest:
        return AUTH.request(ACCOUNT, Secrets(SECRETS))

    def test_it_is_a_form_with_client_credentials(self) -> None:
        request = self.request()
        assert (request.method, request.url) == ("POST", "https://emea.cc.vonage.com/Auth/connect/token")
        assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"
        assert parse_qs(request.body.decode(), strict_parsing=True) == {
            "grant_type": ["client_credentials"],
            "client_id": [SECRETS["client_id"]],
            "client_secret": [SECRETS["client_secret"]],
            "scope": ["interactions:write"],
        }
        assert b"scope=interactions%3Awrite" in request.body

    def test_it_goes_to_its_own_address(self) -> None:
        options = {
            "region": "custom",
            "api_url": "https://emea.api.cc.vonage.com",
            "token_url": "https://nam.cc.vonage.com/Auth/connect/token",
        }
        assert AUTH.request(Account("vonage", "x", options), Secrets(SECRETS)).url == "https://nam.cc.vonage.com/Auth/connect/token"

    def test_it_is_renewed_five_minutes_early_and_as_often_as_needed(self) -> None:
        assert (AUTH.renew_before, AUTH.least_age) == (300, 0)


class TestAnswer:
    def test_the_documented_one(self) -> None:
        assert AUTH.read(answer(200, GIVEN), NOW) == Token("abcde12345", NOW, NOW + 7200)

    @pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
    def test_its_kind_in_any_letter_case(self, kind: str) -> None:
        assert AUTH.read(answer(200, {**GIVEN, "token_type": kind}), NOW).value == "abcde12345"

    def test_what_is_missing_is_as_documented(self) -> None:
        assert AUTH.read(answer(200, {"access_token": "t"}), NOW) == Token("t", NOW, NOW + 7200)

    @pytest.mark.parametrize(
        ("told", "life"),
        [
            (60, 60),
            (59, 60),
            (0, 60),
            (-1, 60),
            (14_400, 14_400),
            (14_401, 14_400),
            (10**30, 14_400),
            (3600.5, 3600.5),
            ("3600", 3600),
            ("9" * 40, 7200),
            ("soon", 7200),
            (None, 7200),
            (True, 7200),
            ([], 7200),
        ],
    )
    def test_its_life_lies_between_a_minute_and_four_hours(self, told: object, life: float) -> None:
        assert AUTH.read(answer(200, {**GIVEN, "expires_in": told}), NOW).expires_at == NOW + life

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            None,
            "t",
            b"",
            b"<html>",
            b'{"access_token":"t","expires_in":1e999}',
            b'{"access_token":"t","expires_in":-1e999}',
            {"access_token": ""},
            {"access_token": 7},
            {"access_token": "a b"},
            {"access_token": "a\nb"},
            {"access_token": "ü"},
            {"access_token": "x" * 8_001},
            {**GIVEN, "token_type": "mac"},
            {**GIVEN, "token_type": 1},
        ],
    )
    def test_what_holds_no_token_is_refused(self, body: object) -> None:
        with pytest.raises(BadAnswer) as caught:
            AUTH.read(answer(200, body), NOW)
        assert not isinstance(caught.value, AccessRefused)

    def test_a_cut_answer_holds_no_token(self) -> None:
        with pytest.raises(BadAnswer):
            AUTH.read(Answer(200, body=json.dumps(GIVEN).encode(), complete=False), NOW)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [
            (400, {"error": "invalid_client"}, "Vonage refused the client ID or the client secret (status 400)."),
            (401, {"error": "invalid_client"}, "Vonage refused the client ID or the client secret (status 401)."),
            (401, b"", "Vonage refused the client ID or the client secret (status 401)."),
            (403, b"<html>", "Vonage refused the client ID or the client secret (status 403)."),
            (
                400,
                {"error": "invalid_scope", "error_description": "You must specify a scope"},
                "Vonage gave no token: the credential lacks the right “interactions:write”. An admin user of VCC can grant it.",
            ),
        ],
    )
    def test_of_the_credentials(self, status: int, body: object, sentence: str) -> None:
        with pytest.raises(AccessRefused) as caught:
            AUTH.read(answer(status, body), NOW)
        assert (str(caught.value), caught.value.status) == (sentence, status)

    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [
            (
                400,
                {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"},
                "Vonage gave no token: its answer had the status 400 (unsupported_grant_type).",
            ),
            (500, {"error": "Internal Server Error"}, "Vonage gave no token: its answer had the status 500."),
            (404, b"", "Vonage gave no token: its answer had the status 404."),
            (429, b"", "Vonage gave no token: its answer had the status 429."),
            (400, {"error": ["invalid_client"]}, "Vonage gave no token: its answer had the status 400."),
            (400, {"error": "<script>"}, "Vonage gave no token: its answer had the status 400."),
        ],
    )
    def test_of_another_kind(self, status: int, body: object, sentence: str) -> None:
        with pytest.raises(BadAnswer) as caught:
            AUTH.read(answer(status, body), NOW)
        assert not isinstance(caught.value, AccessRefused)
        assert (str(caught.value), caught.value.status) == (sentence, status)


class TestSettings:
    def test_a_region_is_enough(self) -> None:
        form = ConnectionForm({"region": "nam", "api_url": "https://left.over.example", "token_url": ""})
        assert form.is_valid()
        assert form.settings() == {"region": "nam"}

    def test_other_addresses_need_both(self) -> None:
        form = ConnectionForm({"region": "custom"})
        text = "Give this address, or choose a region."
        assert form.errors == {"api_url": [text], "token_url": [text]}

    def test_other_addresses(self) -> None:
        data = {
            "region": "custom",
            "api_url": "https://emea.api.cc.vonage.com/",
            "token_url": "https://EMEA.cc.vonage.com/Auth/connect/token",
        }
        form = ConnectionForm(data)
        assert form.is_valid(), form.errors
        assert form.settings() == {
            "region": "custom",
            "api_url": "https://emea.api.cc.vonage.com",
            "token_url": "https://emea.cc.vonage.com/Auth/connect/token",
        }

    @pytest.mark.parametrize(
        "url", ["emea.api.cc.vonage.com", "https://a:b@emea.api.cc.vonage.com", "https://x.example?y", "https://x.example#y"]
    )
    def test_an_address_is_scheme_host_and_path(self, url: str) -> None:
        form = ConnectionForm({"region": "custom", "api_url": url, "token_url": "https://emea.cc.vonage.com/Auth/connect/token"})
        assert list(form.errors) == ["api_url"]

    def test_the_region_is_required_and_known(self) -> None:
        assert list(ConnectionForm({}).errors) == ["region"]
        assert list(ConnectionForm({"region": "mars"}).errors) == ["region"]


def test_the_token_is_the_whole_proof_of_access() -> None:
    assert PROVIDER.probe is None
