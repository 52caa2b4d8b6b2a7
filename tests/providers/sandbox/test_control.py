"""The emulator's control over HTTP, and the command that starts it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from providers.sandbox.server import Sandbox
from providers.sandbox.world import handlers
from tests.ports import free_port
from tests.providers.sandbox.calling import BODY, Client, raw


def _get(client: Client, path: str) -> Any:
    return json.loads(client.send("GET", path).read())


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
        port = free_port()
        command = [sys.executable, "manage.py", "sandbox", "--port", str(port), "--ledger", str(tmp_path / "ledger.jsonl")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"The sandbox answers at http://127.0.0.1:{port}.\n"
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/_sandbox/")
            assert json.loads(connection.getresponse().read()) == {"vendors": sorted(handlers())}
            process.terminate()
            assert process.wait(timeout=60) == 0
