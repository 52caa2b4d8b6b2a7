"""The emulated VCC over real sockets: what is documented, and every switch for what is not.

Requests are built, authorised, sent and read by the product's own code; only broken ones are made by hand.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest

from providers.auth import authorization, fetch_token
from providers.errors import AccessRefused
from providers.fields import flat
from providers.sandbox.types import Call
from providers.types import Account, Signal, Verdict, WireRequest
from providers.vonage import PROVIDER
from providers.vonage.payload import HEADERS
from providers.vonage.sandbox import handle
from providers.vonage.sandbox_plans import READER_ID, WORLD
from tests.providers.vonage.commands import dispatch
from tests.providers.vonage.wire import SECRETS, Desk, request, verdicts


class TestTokens:
    def test_one_is_given_and_lasts_two_hours(self, desk: Desk) -> None:
        token = fetch_token(PROVIDER, desk.account, SECRETS, desk.transport, now=1000.0)
        assert token.expires_at - token.issued_at == 7200
        assert desk.bearer() == desk.bearer()

    def test_id_and_secret_may_come_as_http_basic(self, desk: Desk) -> None:
        pair = b64encode(f"{WORLD['secrets']['client_id']}:{WORLD['secrets']['client_secret']}".encode()).decode()
        body = urlencode({"grant_type": "client_credentials", "scope": "interactions:write stats"}).encode()
        answer = desk.post("/auth/connect/token", body, bearer=f"Basic {pair}", content_type="application/x-www-form-urlencoded")
        assert answer.status == 200
        assert desk.post("/auth/connect/token", body, bearer="Basic ???", content_type="application/x-www-form-urlencoded").status == 400

    @pytest.mark.parametrize(
        ("form", "body"),
        [
            ({"grant_type": ""}, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}),
            ({"grant_type": "password"}, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}),
            ({"scope": ""}, {"error": "invalid_scope", "error_description": "You must specify a scope"}),
            ({"scope": "vonage/api/stats"}, {"error": "invalid_scope", "error_description": '"vonage/api/stats" is an invalid scope'}),
            ({"client_secret": "wrong"}, {"error": "invalid_client"}),
            ({"client_id": READER_ID}, {"error": "invalid_scope", "error_description": '"interactions:write" is an invalid scope'}),
        ],
    )
    def test_documented_refusals(self, desk: Desk, form: dict[str, str], body: dict[str, str]) -> None:
        assert desk.token(**form) == (400, body)

    @pytest.mark.parametrize("status", [400, 401])
    def test_wrong_credentials_are_told_apart_from_trouble(self, desk: Desk, status: int) -> None:
        desk.change("invalid_client_status", status)
        desk.change("client_secret", "another")
        with pytest.raises(AccessRefused, match="client ID or the client secret"):
            desk.send(dispatch())

    def test_a_token_dies(self, desk: Desk) -> None:
        bearer = desk.bearer()
        desk.box.world.change("sandbox", "clock_shift", 7_201)
        answer = desk.post("/interactions/invoke", {"requests": [request()]}, bearer=bearer)
        assert (answer.status, json.loads(answer.body)["error"]) == (401, "invalid_token")
        assert verdicts(desk.send(dispatch(1))) == {"id-1": Verdict.ACCEPTED}

    def test_all_tokens_can_be_killed(self, desk: Desk) -> None:
        old = desk.bearer()
        desk.change("token_generation", 1)
        assert desk.send(dispatch(1)).signal is Signal.TOKEN_REFUSED
        new = authorization(PROVIDER, desk.account, SECRETS, desk.store, desk.transport, now=time.time(), refused=old)
        assert new != old
        assert verdicts(desk.send(dispatch(1))) == {"id-1": Verdict.ACCEPTED}


class TestAccess:
    def test_a_missing_token(self, desk: Desk) -> None:
        answer = desk.post("/interactions/invoke", {}, bearer="")
        assert (answer.status, json.loads(answer.body)) == (
            401,
            {"error_description": "The access token is missing", "error": "invalid_request"},
        )

    def test_a_token_without_the_scope(self, desk: Desk) -> None:
        _status, given = desk.token(scope="stats")
        assert desk.post("/interactions/invoke", {"requests": [request()]}, bearer=f"Bearer {given['access_token']}").status == 403

    def test_an_account_that_lost_its_right(self, desk: Desk) -> None:
        desk.change("access", False)
        assert desk.send(dispatch()).signal is Signal.ACCESS_REFUSED

    @pytest.mark.parametrize("accept", ["", "application/json", "application/vnd.newvoicemedia.v2+json"])
    def test_accept_names_version_one(self, desk: Desk, accept: str) -> None:
        assert desk.post("/interactions/invoke", {"requests": [request()]}, accept=accept).status == 400
        assert desk.effects() == []

    def test_content_type_is_json(self, desk: Desk) -> None:
        assert desk.post("/interactions/invoke", {"requests": [request()]}, content_type="text/plain").status == 400

    def test_other_paths_and_methods(self, desk: Desk) -> None:
        assert desk.post("/interactions/revoke", {}).status == 404
        got = desk.transport.exchange(WireRequest("GET", desk.box.address("vonage") + "/interactions/invoke", ()))
        assert got.status == 405

    def test_the_path_in_any_letter_case(self, desk: Desk) -> None:
        assert desk.post("/interactions/Invoke", {"requests": [request()]}).status == 200
        assert desk.post("/Interactions/Register", {"provider": "Crm"}).status == 200

    def test_a_limit_by_the_minute(self, desk: Desk) -> None:
        desk.change("rate", 2)
        assert [desk.send(dispatch(number)).signal for number in range(3)] == [Signal.NONE, Signal.NONE, Signal.THROTTLED]
        desk.change("retry_after", 17)
        assert desk.send(dispatch(3)).retry_after == 17
        desk.box.world.change("sandbox", "clock_shift", 61)
        assert desk.send(dispatch(4)).signal is Signal.NONE
        assert desk.effects() == ["id-0", "id-1", "id-4"]

    @pytest.mark.parametrize(("size", "signal"), [(100_000, Signal.NONE), (100_001, Signal.TOO_LARGE)])
    def test_a_limit_of_bytes(self, desk: Desk, size: int, signal: Signal) -> None:
        empty = len(PROVIDER.build(desk.account, [dispatch(text="")]).body)
        assert desk.send(dispatch(text="x" * (size - empty))).signal is signal

    def test_a_client_that_expects_to_continue_gets_another_status(self, desk: Desk) -> None:
        """The product never sends this header; a client that does is told 417."""
        headers = (("Authorization", desk.bearer()), ("Expect", "100-continue"), *HEADERS)
        reply = handle(Call("POST", "/interactions/invoke", {}, headers, b"x" * 100_001), desk.box.world)
        assert (reply.status, json.loads(reply.body)) == (417, {"message": "Request size limit exceeded"})


@pytest.mark.parametrize("kind", [kind.key for kind in PROVIDER.catalogue])
def test_the_ready_made_catalogue_is_what_the_forms_save(kind: str) -> None:
    account = Account("vonage", "vcc", {}, WORLD["country"])
    for item in WORLD["items"][kind]:
        form = PROVIDER.kind(kind).form(flat(PROVIDER.kind(kind).form.fields_of(item)), account=account)
        assert form.is_valid(), form.errors
        assert form.item() == item
