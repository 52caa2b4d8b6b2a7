"""What an exchange writes into the log, and what it never does."""

from __future__ import annotations

import logging

import pytest

from providers.http import Transport
from tests.ports import free_port
from tests.providers.servers import Server, answer, replying
from tests.providers.transport.exchanges import Mark, failure, post

SENTINELS = ("s3cr3t-token", "+14155550100", "14155550100", "private words", "id=42")


def test_one_line_per_exchange_without_secrets(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Server(replying(answer(b"private words"))) as server:
        transport.exchange(
            post(f"{server.url}/apps/api/v1/sms/+14155550100?id=42", b'{"to":"+14155550100","message":"private words"}'),
            authorization="Basic s3cr3t-token",
        )
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("providers.http", "INFO")
    assert record.getMessage().startswith(f"POST 127.0.0.1:{server.port}/apps/api/v1/sms/+1 415-•••-0100: 200 in ")
    assert record.getMessage().endswith(" ms, 13 bytes")
    assert (record.__dict__["status"], record.__dict__["bytes"], record.__dict__["host"]) == (200, 13, f"127.0.0.1:{server.port}")
    assert not [sentinel for sentinel in SENTINELS if sentinel in str(record.__dict__)]


def test_one_line_for_a_failure(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    failure(transport, post(f"http://127.0.0.1:{port}/a?id=42"), Mark())
    (record,) = caplog.records
    assert record.getMessage().startswith(f"POST 127.0.0.1:{port}/a: connect in ")


def test_a_refused_address_is_logged(transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failure(transport, post("https://evil.example/?id=42"), Mark())
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "evil.example" in record.getMessage()
    assert "id=42" not in record.getMessage()
