"""What all vendors' answers are read with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.answers import NotJson, json_of, object_of, retry_after, said
from providers.types import Answer, Json

DATE = ("Date", "Fri, 20 Nov 2026 14:00:00 GMT")


def answer(body: bytes = b"", *headers: tuple[str, str], complete: bool = True) -> Answer:
    return Answer(200, headers, body, complete)


class TestJson:
    @pytest.mark.parametrize(
        ("body", "value"), [(b"[]", []), (b' {"a": "\xc3\xbc"} ', {"a": "ü"}), (b"0", 0), (b"null", None), (b'"x"', "x")]
    )
    def test_what_is_json(self, body: bytes, value: Json) -> None:
        assert json_of(answer(body)) == value

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[",
            b"[] []",
            b"<html>",
            "[]".encode("utf-16"),
            b'"\xff"',
            b"NaN",
            b"[Infinity]",
            b'{"a":1,"a":2}',
            b"[" * 100_000,
            b"9" * 5_000,
        ],
        ids=lambda body: repr(body[:12]),
    )
    def test_what_is_not(self, body: bytes) -> None:
        with pytest.raises(NotJson):
            json_of(answer(body))

    def test_a_cut_answer_is_none_even_when_it_could_be_read(self) -> None:
        with pytest.raises(NotJson, match="cut short"):
            json_of(answer(b"[]", complete=False))

    @pytest.mark.parametrize("declared", ["text/html", "text/plain", "application/xml", "x"])
    def test_what_calls_itself_something_else_is_none(self, declared: str) -> None:
        with pytest.raises(NotJson, match="does not say"):
            json_of(answer(b"[]", ("content-type", declared)))

    @pytest.mark.parametrize("body", [b"[]", b"<", b"null", b"7"])
    def test_an_object_or_nothing(self, body: bytes) -> None:
        assert object_of(answer(body)) == {}
        assert object_of(answer(b'{"a":1}')) == {"a": 1}


class TestWords:
    def test_cut_and_fit_to_be_stored(self) -> None:
        assert said(answer(b" a\x00b\xff ")) == "a\ufffdb\ufffd"
        assert said(answer(b"x" * 10_000)) == "x" * 2_000
        assert said(answer("ü".encode() * 10_000)) == "ü" * 2_000

    @given(body=st.binary(max_size=200))
    @settings(max_examples=200)
    def test_any_bytes_are_words(self, body: bytes) -> None:
        words = said(answer(body))
        assert "\x00" not in words
        assert words.encode().decode() == words


class TestWaiting:
    @given(asked=st.text(max_size=40), now=st.text(max_size=40) | st.just(DATE[1]))
    @settings(max_examples=300)
    def test_any_header_is_a_time_or_none(self, asked: str, now: str) -> None:
        found = retry_after(answer(b"", ("Retry-After", asked), ("Date", now)))
        assert found is None or 0 <= found <= 900

    @pytest.mark.parametrize(
        "asked", ["Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 20 Nov 2026 14:00:10 -0000"]
    )
    def test_the_ends_of_the_calendar(self, asked: str) -> None:
        found = retry_after(answer(b"", ("Retry-After", asked), DATE))
        assert found is None or 0 <= found <= 900
