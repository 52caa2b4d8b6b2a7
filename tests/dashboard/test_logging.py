"""Log lines: one JSON object each, without secrets, numbers, forged lines or the values of variables."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from config.logging import LineFormatter
from dashboard.request_context import Acting, acting


def line(text: str = "x", *args: Any, exc_info: Any = None, **extra: Any) -> tuple[str, dict[str, Any]]:
    record = logging.LogRecord("desk", logging.INFO, "f.py", 1, text, args, exc_info)
    record.__dict__.update(extra)
    written = LineFormatter().format(record)
    return written, json.loads(written)


def test_a_line_says_when_where_and_what() -> None:
    _, said = line("took %s", 5, count=3)
    assert (said["level"], said["logger"], said["text"], said["count"]) == ("INFO", "desk", "took 5", 3)
    assert said["at"].endswith("+00:00")


def test_a_line_names_its_request() -> None:
    token = acting.set(Acting(request_id="abc"))
    try:
        assert line()[1]["request_id"] == "abc"
    finally:
        acting.reset(token)
    assert "request_id" not in line()[1]


@pytest.mark.parametrize("forged", ['x\r\n{"level": "ERROR"}', "x\u2028y", "x\x85y", "x\x1b[31m", "\ud800"])
def test_no_value_can_forge_a_line(forged: str) -> None:
    written, said = line("user %s", forged, target=forged)
    assert written.isascii()
    assert "\n" not in written
    assert "\r" not in written
    assert said["target"] == forged


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer eyJhbGciOi.abc", "eyJhbGciOi"),
        ("Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("client_secret=verysecret&x=1", "verysecret"),
        ('{"refresh_token": "verysecret"}', "verysecret"),
        ("texting +14155550100 now", "4155550100"),
        ("number %2B447700900123", "447700900123"),
    ],
)
def test_secrets_and_numbers_are_scrubbed_from_text_and_values(text: str, secret: str) -> None:
    written, _ = line(text, note=text)
    assert secret not in written


@pytest.mark.parametrize("name", ["password", "client_secret", "access_token", "Authorization", "sessionid", "api_key", "set_cookie"])
def test_values_under_secret_names_are_hidden_whatever_they_are(name: str) -> None:
    written, _ = line(**{name: "hunter2"})
    assert "hunter2" not in written


def test_requests_and_other_objects_are_left_out() -> None:
    assert "request" not in line(request=object())[1]


def test_an_error_shows_its_places_and_no_variables() -> None:
    def fail(password: str) -> None:
        raise ValueError("client_secret=hunter2")

    try:
        fail("hunter2")
    except ValueError:
        written, said = line("failed", exc_info=sys.exc_info())
    assert "hunter2" not in written
    assert said["error"]["type"] == "ValueError"
    assert said["error"]["places"][-1].endswith(" fail")


def test_long_texts_are_cut() -> None:
    assert len(line("x" * 100_000)[0]) < 5_000


@pytest.mark.parametrize("name", ["httpx", "httpcore"])
def test_the_http_client_is_quiet(name: str) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
