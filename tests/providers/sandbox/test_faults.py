"""Every fault of the emulator, and which calls it strikes."""

from __future__ import annotations

import gzip
import http.client
import json
import threading

import pytest

from providers.sandbox.faults import Fault, Kind
from providers.sandbox.server import Sandbox
from providers.sandbox.wire import Wire
from tests.providers.sandbox.calling import BODY, Client, raw, toy, until


class TestAnsweredFaults:
    """The fault answers; whether the vendor worked before is switchable."""

    @pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404, 408, 413, 417, 429, 500, 502, 503, 504, 299, 599])
    @pytest.mark.parametrize("effect", [False, True])
    def test_any_status_with_headers_and_body(self, box: Sandbox, client: Client, status: int, effect: bool) -> None:
        box.faults.add(
            Fault(Kind.ANSWER, status=status, headers=(("Retry-After", "7"),), body=b"" if status == 204 else b"no", effect=effect)
        )
        answer = client.send("POST", "/toy/sms")
        assert (answer.status, answer.getheader("Retry-After"), answer.read()) == (status, "7", b"" if status == 204 else b"no")
        assert len(box.ledger.effects()) == effect
        assert box.requests()[0].fault == "answer"

    def test_redirect(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.REDIRECT, status=307, location="https://elsewhere.example/"))
        answer = client.send("POST", "/toy/sms")
        assert (answer.status, answer.getheader("Location")) == (307, "https://elsewhere.example/")
        assert box.ledger.effects() == []

    def test_portal_page(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.PORTAL))
        answer = client.send("POST", "/toy/sms")
        assert answer.status == 200
        assert str(answer.getheader("Content-Type")).startswith("text/html")
        assert b"Sign in" in answer.read()

    def test_malformed_json(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.MALFORMED, effect=True))
        answer = client.send("POST", "/toy/sms")
        assert answer.getheader("Content-Type") == "application/json"
        with pytest.raises(ValueError, match="Expecting"):
            json.loads(answer.read())
        assert len(box.ledger.effects()) == 1


class TestBrokenConnections:
    @pytest.mark.parametrize(
        ("fault", "effects", "recorded"),
        [
            (Fault(Kind.UNREAD), 0, 0),
            (Fault(Kind.RESET_IN_BODY), 0, 0),
            (Fault(Kind.CLOSE), 0, 1),
            (Fault(Kind.CLOSE, effect=True), 1, 1),
            (Fault(Kind.RESET), 0, 1),
            (Fault(Kind.RESET, effect=True), 1, 1),
            (Fault(Kind.HANG, seconds=0.05), 0, 1),
            (Fault(Kind.HANG, seconds=0.05, effect=True), 1, 1),
        ],
        ids=lambda value: f"{value.kind}-{value.works_first}" if isinstance(value, Fault) else None,
    )
    def test_no_answer_comes(self, box: Sandbox, client: Client, fault: Fault, effects: int, recorded: int) -> None:
        box.faults.add(fault)
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            client.post()
        assert len(box.ledger.effects()) == effects
        assert [record.status for record in box.requests()] == [0] * recorded
        client.connection.close()
        assert client.post()[0] == 200

    def test_reset_means_reset(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.RESET, effect=True))
        with pytest.raises(ConnectionResetError):
            client.post()

    def test_garbage(self, box: Sandbox) -> None:
        box.faults.add(Fault(Kind.GARBAGE, body=b"\x00\x01 surely not HTTP"))
        assert raw(box, b"GET /toy/x HTTP/1.1\r\nHost: x\r\n\r\n") == b"\x00\x01 surely not HTTP"

    def test_a_hang_ends_when_the_caller_goes(self, box: Sandbox) -> None:
        box.faults.add(Fault(Kind.HANG))
        client = Client(box)
        client.connection.request("POST", "/toy/sms", BODY)
        until(lambda: box.recorded.in_flight("toy") == 1)
        client.connection.close()
        until(lambda: box.recorded.in_flight("toy") == 0)

    def test_stopping_ends_a_hang(self) -> None:
        with Sandbox(parts={"toy": toy}) as box:
            box.faults.add(Fault(Kind.HANG))
            client = Client(box)
            client.connection.request("POST", "/toy/sms", BODY)
            until(lambda: box.recorded.in_flight("toy") == 1)
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            client.connection.getresponse()

    def test_a_delayed_call_is_carried_out_although_the_caller_has_gone(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        over = threading.Event()
        monkeypatch.setattr(Wire, "pause", lambda wire, seconds: over.wait(60))
        box.faults.add(Fault(Kind.DELAY, seconds=0.2))
        client = Client(box)
        client.connection.request("POST", "/toy/sms", BODY)
        until(lambda: box.recorded.in_flight("toy") == 1)
        assert box.ledger.effects() == []
        client.connection.close()
        over.set()
        until(lambda: len(box.ledger.effects()) == 1)

    def test_a_delayed_answer_comes_after_the_effect(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.DELAY, seconds=0.2, effect=True))
        client.connection.request("POST", "/toy/sms", BODY)
        until(lambda: len(box.ledger.effects()) == 1)
        assert client.connection.getresponse().status == 200


class TestBrokenAnswers:
    """The vendor has done its work; its own answer is spoilt on the way."""

    @pytest.mark.parametrize("kind", [Kind.DRIP_HEADERS, Kind.DRIP_BODY])
    def test_a_drip_brings_the_whole_answer_in_the_end(self, box: Sandbox, client: Client, kind: Kind) -> None:
        box.faults.add(Fault(kind, seconds=0.001))
        status, body = client.post("/toy/sms?key=k")
        assert (status, json.loads(body)["query"]) == (200, {"key": "k"})

    @pytest.mark.parametrize("kind", [Kind.DRIP_HEADERS, Kind.DRIP_BODY])
    def test_a_drip_can_be_cut_off(self, box: Sandbox, kind: Kind) -> None:
        box.faults.add(Fault(kind, seconds=0.01))
        client = Client(box)
        client.connection.request("POST", "/toy/sms", BODY)
        assert client.connection.sock is not None
        assert client.connection.sock.recv(1)
        client.connection.close()
        until(lambda: box.recorded.in_flight("toy") == 0)
        assert len(box.ledger.effects()) == 1

    @pytest.mark.parametrize("kind", [Kind.CUT_BODY, Kind.CUT_CHUNKED])
    def test_a_cut_answer_is_incomplete(self, box: Sandbox, client: Client, kind: Kind) -> None:
        box.faults.add(Fault(kind, size=5))
        answer = client.send("POST", "/toy/sms")
        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()
        assert cut.value.partial == b'{"pat'
        assert len(box.ledger.effects()) == 1

    def test_an_oversize_answer_is_right_but_too_long(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.OVERSIZE, size=1_500_000))
        status, body = client.post()
        assert (status, len(body)) == (200, 1_500_000)
        assert json.loads(body)["path"] == "/sms"

    def test_a_bomb_expands(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.GZIP_BOMB, size=3_000_000))
        answer = client.send("POST", "/toy/sms")
        body = answer.read()
        assert answer.getheader("Content-Encoding") == "gzip"
        assert len(body) < 10_000
        assert len(gzip.decompress(body)) > 3_000_000

    def test_a_stale_connection_fails_at_its_next_request(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.STALE))
        assert client.post()[0] == 200
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            client.post()
        assert len(box.ledger.effects()) == 1

    def test_another_answer_can_stand_in_for_the_vendors(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.CUT_BODY, effect=False, status=201, body=b'{"id": "42"}', size=3))
        answer = client.send("POST", "/toy/sms")
        assert answer.status == 201
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        assert box.ledger.effects() == []


class TestWhichCallsAreStruck:
    def test_the_nth_call_and_as_often_as_asked(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.ANSWER, status=503, first=3, times=2))
        assert [client.post()[0] for _ in range(6)] == [200, 200, 503, 503, 200, 200]

    def test_always(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.ANSWER, status=503, times=0))
        assert {client.post()[0] for _ in range(5)} == {503}
        box.faults.clear()
        assert client.post()[0] == 200

    def test_only_that_path_method_and_vendor(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.ANSWER, status=503, vendor="toy", path="/token*", method="post", times=0))
        assert client.post("/toy/sms")[0] == 200
        assert client.send("GET", "/toy/token").read()
        assert client.post("/toy/token/x")[0] == 503
        box.faults.add(Fault(Kind.ANSWER, status=500, vendor="other", times=0))
        assert client.post("/toy/sms")[0] == 200

    def test_the_earliest_of_several_acts_and_all_count(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.ANSWER, status=500))
        box.faults.add(Fault(Kind.ANSWER, status=502, times=2))
        assert [client.post()[0] for _ in range(3)] == [500, 502, 200]
