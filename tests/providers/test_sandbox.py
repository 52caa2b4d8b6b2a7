"""The emulator's server: routing, ledger, records, every fault, and its control over HTTP."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from providers.sandbox.faults import Fault, Kind
from providers.sandbox.ledger import Ledger
from providers.sandbox.server import Sandbox
from providers.sandbox.types import Call, Reply, json_reply
from providers.sandbox.world import World, handlers, ready_made

BODY = b'{"say": "hello"}'


def toy(call: Call, world: World) -> Reply:
    """A vendor that processes each key once, like the real ones do or do not."""
    if call.path == "/broken":
        raise LookupError("a bug")
    if call.path == "/token":
        return json_reply(200, {"access_token": "t", "at_once": world.in_flight("toy")})
    if not world.setting("toy", "enabled", True):
        return json_reply(400, {"error": "not enabled"})
    world.ledger.effect(
        vendor="toy", kind="sms", key=call.query.get("key", ""), recipients=["+14155550100"], detail={"body": call.body.decode()}
    )
    return json_reply(200, {"path": call.path, "query": dict(call.query), "type": call.header("content-TYPE")})


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(parts={"toy": toy}) as running:
        yield running


class Client:
    """One kept-alive connection, read without any tolerance."""

    def __init__(self, box: Sandbox) -> None:
        self.connection = http.client.HTTPConnection(box.url.removeprefix("http://"), timeout=20)

    def send(self, method: str, path: str, body: bytes = BODY, **headers: str) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        return self.connection.getresponse()

    def post(self, path: str = "/toy/sms", body: bytes = BODY, **headers: str) -> tuple[int, bytes]:
        answer = self.send("POST", path, body, **headers)
        return answer.status, answer.read()


@pytest.fixture
def client(box: Sandbox) -> Iterator[Client]:
    client = Client(box)
    yield client
    client.connection.close()


def raw(box: Sandbox, request: bytes) -> bytes:
    """Everything that comes back until the other side closes."""
    host, _, port = box.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65536), b""))


class TestRouting:
    def test_a_vendor_sees_its_path_without_the_prefix(self, box: Sandbox, client: Client) -> None:
        status, body = client.post("/toy/apps/v1/sms?key=k%20%C3%A91&empty=")
        assert status == 200
        assert json.loads(body) == {"path": "/apps/v1/sms", "query": {"key": "k é1", "empty": ""}, "type": "application/json"}

    @pytest.mark.parametrize(("path", "status"), [("/nobody/sms", 404), ("/toyy", 404), ("/", 200)])
    def test_other_paths_reach_no_vendor(self, box: Sandbox, client: Client, path: str, status: int) -> None:
        answer = client.post(path)
        assert answer[0] == status
        assert b"/toy" in answer[1]
        assert box.requests() == []

    def test_a_connection_is_kept_for_the_next_request(self, box: Sandbox, client: Client) -> None:
        assert client.post()[0] == 200
        first = client.connection.sock
        assert client.post()[0] == 200
        assert client.connection.sock is first

    def test_connection_close_is_obeyed(self, box: Sandbox) -> None:
        answer = raw(box, b"GET /toy/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")

    def test_a_chunked_request_body_is_read_whole(self, box: Sandbox) -> None:
        head = b"POST /toy/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert raw(box, head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").startswith(b"HTTP/1.1 200")
        assert box.requests()[0].call.body == b"abcde"

    @pytest.mark.parametrize("request_bytes", [b"\x16\x03\x01\r\n\r\n", b"GET /toy/x\r\n\r\n", b"POST /toy/x HTTP/1.1\r\nbad line\r\n\r\n"])
    def test_what_is_not_http_is_not_answered(self, box: Sandbox, request_bytes: bytes) -> None:
        with suppress(ConnectionResetError):
            assert raw(box, request_bytes) == b""
        assert box.ledger.effects() == []

    def test_only_this_machine_can_connect(self, box: Sandbox) -> None:
        assert box.url.startswith("http://127.0.0.1:")

    def test_every_registered_provider_with_a_sandbox_part_is_served(self) -> None:
        with Sandbox() as everything:
            assert everything.handlers.keys() == handlers().keys()


class TestRecords:
    def test_the_ledger_says_what_would_have_reached_people(self, box: Sandbox, client: Client) -> None:
        client.post("/toy/sms?key=one")
        client.post("/toy/sms?key=two")
        effects = box.ledger.effects("toy")
        assert [(effect.number, effect.key, effect.recipients) for effect in effects] == [
            (1, "one", ("+14155550100",)),
            (2, "two", ("+14155550100",)),
        ]
        assert box.ledger.effects(key="two") == effects[1:]
        assert box.ledger.effects(kind="call") == []

    def test_a_request_is_kept_byte_for_byte(self, box: Sandbox, client: Client) -> None:
        client.post("/toy/sms", b'{"a": 1}  \n', Authorization="Bearer abc")
        record = box.requests("toy", "/sm*")[0]
        assert record.call.body == b'{"a": 1}  \n'
        assert ("Authorization", "Bearer abc") in record.call.headers
        assert (record.status, record.fault) == (200, "")

    def test_only_the_latest_requests_are_remembered(self) -> None:
        with Sandbox(parts={"toy": toy}, remember=3) as box:
            client = Client(box)
            for number in range(5):
                client.post(f"/toy/{number}")
            assert [record.call.path for record in box.requests()] == ["/2", "/3", "/4"]

    def test_counters(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.DELAY, path="/slow", times=0, seconds=0.4))
        client.post("/toy/quick", b"x" * 500)
        threads = [threading.Thread(target=Client(box).post, args=("/toy/slow",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counters = box.counters("toy")
        assert (counters.calls, counters.at_once, counters.largest_body) == (5, 4, 500)
        assert counters.in_one_second >= 4
        assert box.counters("toy", "/quick").at_once == 1

    def test_a_call_is_through_before_its_answer_is_read(self, box: Sandbox, client: Client) -> None:
        assert [json.loads(client.post("/toy/token")[1])["at_once"] for _ in range(50)] == [1] * 50

    def test_a_failing_vendor_part_is_no_vendor_answer(self) -> None:
        box = Sandbox(parts={"toy": toy})
        box.start()
        assert Client(box).post("/toy/broken") == (500, b"The sandbox failed; this is not the vendor's answer.")
        with pytest.raises(RuntimeError, match=r"toy POST /broken: LookupError\('a bug'\)"):
            box.__exit__(None, None, None)


class TestLedgerFile:
    def test_effects_of_earlier_runs_are_known(self, tmp_path: Path) -> None:
        file = tmp_path / "ledger.jsonl"
        for key in ("first", "second"):
            with Sandbox(ledger_file=file, parts={"toy": toy}) as box:
                Client(box).post(f"/toy/sms?key={key}", "grüß".encode())
        ledger = Ledger(file)
        assert [(effect.number, effect.key, effect.recipients, effect.detail) for effect in ledger.effects()] == [
            (1, "first", ("+14155550100",), {"body": "grüß"}),
            (2, "second", ("+14155550100",), {"body": "grüß"}),
        ]

    def test_a_line_torn_by_a_kill_is_cut_off(self, tmp_path: Path) -> None:
        file = tmp_path / "ledger.jsonl"
        Ledger(file).effect(vendor="toy", kind="sms", key="whole")
        with file.open("a") as writer:
            writer.write('{"number": 2, "at"')
        ledger = Ledger(file)
        ledger.effect(vendor="toy", kind="sms", key="next")
        assert [effect.key for effect in Ledger(file).effects()] == ["whole", "next"]

    def test_nobody_else_reads_it(self, tmp_path: Path) -> None:
        Ledger(tmp_path / "ledger.jsonl")
        assert (tmp_path / "ledger.jsonl").stat().st_mode & 0o777 == 0o600


class TestANewStart:
    def test_a_token_that_may_not_be_renewed_yet_is_still_known(self) -> None:
        """Acoustic gives no second token within three hours: the desk goes on with the one it has."""
        with Sandbox() as box:
            form = urlencode({"grant_type": "refresh_token", **ready_made(box.url)["acoustic"]["secrets"]}).encode()
            token = json.loads(Client(box).post("/acoustic/oauth/token", form)[1])["access_token"]
        with Sandbox() as box:
            for bearer, status in ((token, 200), (token[:-3] + "0S1", 401), ("", 401)):
                answer = Client(box).send("GET", "/acoustic/rest/channels/sms/publishedmessages", b"", Authorization=f"Bearer {bearer}")
                assert answer.status == status


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
        _until(lambda: box.recorded.in_flight("toy") == 1)
        client.connection.close()
        _until(lambda: box.recorded.in_flight("toy") == 0)

    def test_stopping_ends_a_hang(self) -> None:
        with Sandbox(parts={"toy": toy}) as box:
            box.faults.add(Fault(Kind.HANG))
            client = Client(box)
            client.connection.request("POST", "/toy/sms", BODY)
            _until(lambda: box.recorded.in_flight("toy") == 1)
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            client.connection.getresponse()

    def test_a_delayed_call_is_carried_out_although_the_caller_has_gone(self, box: Sandbox) -> None:
        box.faults.add(Fault(Kind.DELAY, seconds=0.2))
        client = Client(box)
        client.connection.request("POST", "/toy/sms", BODY)
        _until(lambda: box.recorded.in_flight("toy") == 1)
        assert box.ledger.effects() == []
        client.connection.close()
        _until(lambda: len(box.ledger.effects()) == 1)

    def test_a_delayed_answer_comes_after_the_effect(self, box: Sandbox, client: Client) -> None:
        box.faults.add(Fault(Kind.DELAY, seconds=0.2, effect=True))
        client.connection.request("POST", "/toy/sms", BODY)
        _until(lambda: len(box.ledger.effects()) == 1)
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
        _until(lambda: box.recorded.in_flight("toy") == 0)
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


class TestControl:
    def test_faults_come_and_go_over_http(self, box: Sandbox, client: Client) -> None:
        fault = {"kind": "answer", "vendor": "toy", "status": 429, "headers": {"Retry-After": "3"}, "body": "wait"}
        assert client.post("/_sandbox/faults", json.dumps(fault).encode())[0] == 204
        assert (
            json.loads(client.send("GET", "/_sandbox/faults").read())["faults"][0] | fault
            == json.loads(client.send("GET", "/_sandbox/faults").read())["faults"][0]
        )
        assert client.post() == (429, b"wait")
        client.post("/_sandbox/faults", json.dumps({"kind": "garbage", "body_base64": "AAE="}).encode())
        assert raw(box, b"GET /toy/x HTTP/1.1\r\nHost: x\r\n\r\n") == b"\x00\x01"
        client.post("/_sandbox/faults", json.dumps(fault | {"times": 0}).encode())
        assert client.send("DELETE", "/_sandbox/faults").read() == b""
        assert client.post()[0] == 200

    def test_ledger_and_requests_are_read_over_http(self, box: Sandbox, client: Client) -> None:
        client.post("/toy/sms?key=k1", Authorization="Bearer x")
        client.post("/toy/sms?key=k2")
        assert [effect["key"] for effect in _get(client, "/_sandbox/ledger?vendor=toy&key=k2")["effects"]] == ["k2"]
        answer = _get(client, "/_sandbox/requests?vendor=toy")
        assert [record["call"]["query"]["key"] for record in answer["requests"]] == ["k1", "k2"]
        assert answer["requests"][0]["call"]["body"] == BODY.decode()
        assert answer["counters"]["toy"]["calls"] == 2

    def test_switches(self, box: Sandbox, client: Client) -> None:
        before = box.world.now()
        assert (
            client.send(
                "PUT", "/_sandbox/settings", json.dumps({"toy": {"enabled": False}, "sandbox": {"clock_shift": 86400}}).encode()
            ).read()
            == b""
        )
        assert client.post()[0] == 400
        assert box.world.now() >= before + 86400
        client.send("PUT", "/_sandbox/settings", json.dumps({"toy": {"enabled": None}}).encode()).read()
        assert client.post()[0] == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b'{"kind": "earthquake"}',
            b'{"kind": "reset", "colour": "red"}',
            b'{"kind": "garbage", "body_base64": "?"}',
            b"[" * 100_000,
        ],
    )
    def test_a_fault_that_cannot_be_read_is_refused_in_words(self, box: Sandbox, client: Client, body: bytes) -> None:
        status, text = client.post("/_sandbox/faults", body)
        assert status == 400
        assert text.startswith(b"This cannot be read: ")
        assert box.faults.all() == []

    def test_an_unknown_address_names_the_known_ones(self, box: Sandbox, client: Client) -> None:
        status, text = client.post("/_sandbox/nothing")
        assert status == 404
        assert b"POST /_sandbox/faults" in text

    def test_a_page_of_another_name_cannot_read_it(self, box: Sandbox) -> None:
        answer = raw(box, b"GET /_sandbox/ledger HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 403 ")


class TestCommand:
    def test_a_taken_port_is_one_sentence(self, box: Sandbox) -> None:
        port = box.url.rpartition(":")[2]
        with pytest.raises(CommandError, match=f"^The sandbox cannot use port {port}: .*--port\\.$"):
            call_command("sandbox", port=int(port), stdout=StringIO())

    def test_it_serves_until_it_is_asked_to_stop(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [sys.executable, "manage.py", "sandbox", "--port", str(port), "--ledger", str(tmp_path / "ledger.jsonl")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"The sandbox answers at http://127.0.0.1:{port}.\n"
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/_sandbox/")
            assert json.loads(connection.getresponse().read()) == {"vendors": sorted(handlers())}
            process.terminate()
            assert process.wait(timeout=20) == 0


def _get(client: Client, path: str) -> Any:
    return json.loads(client.send("GET", path).read())


def _until(holds: Any) -> None:
    for _ in range(2000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to be")
