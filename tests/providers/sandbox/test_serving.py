"""The emulator's server: routing, what it records, and its ledger."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path
from time import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from providers.sandbox import ledger
from providers.sandbox.ledger import Ledger, Requests
from providers.sandbox.server import Sandbox
from providers.sandbox.types import Call, Reply
from providers.sandbox.world import World, handlers, ready_made
from tests.providers.sandbox.calling import Client, raw, toy


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

    def test_counters(self) -> None:
        four = threading.Barrier(4)

        def together(call: Call, world: World) -> Reply:
            """Answers calls to /slow once four of them are there."""
            if call.path == "/slow":
                four.wait(60)
            return toy(call, world)

        with Sandbox(parts={"toy": together}) as box:
            Client(box).post("/toy/quick", b"x" * 500)
            threads = [threading.Thread(target=Client(box).post, args=("/toy/slow",)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            counters = box.counters("toy")
            assert (counters.calls, counters.at_once, counters.largest_body) == (5, 4, 500)
            assert box.counters("toy", "/quick").at_once == 1

    def test_the_most_calls_within_one_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = iter([0.0, 0.5, 0.75, 1.0, 1.25, 3.0, 3.5, 4.0])
        monkeypatch.setattr(ledger, "time", SimpleNamespace(monotonic=lambda: next(moments), time=time))
        requests = Requests(remember=10)
        for _number in range(8):
            requests.begin("toy", Call("GET", "/x", {}, (), b""))
        assert requests.counters("toy").in_one_second == 4

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
            stranger = token[:-3] + ("1S1" if token.endswith("0S1") else "0S1")
            for bearer, status in ((token, 200), (stranger, 401), ("", 401)):
                answer = Client(box).send("GET", "/acoustic/rest/channels/sms/publishedmessages", b"", Authorization=f"Bearer {bearer}")
                assert answer.status == status
