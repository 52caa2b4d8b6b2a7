"""JSON that two readers could take for different things is refused, in a sentence."""

from __future__ import annotations

import json

import pytest

from providers.answers import NotJson, json_of
from providers.strict import Ambiguous, strict_json
from providers.types import Answer


def test_plain_json_is_read() -> None:
    assert strict_json('{"a": [1, 2.5, null, true, "ü"], "b": {"a": 1}}') == {"a": [1, 2.5, None, True, "ü"], "b": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"message": "a", "message": "b"}', "“message” stands twice in one object."),
        ('[{"x": {"a": 1, "b": 2, "a": 1}}]', "“a” stands twice in one object."),
        ("[NaN]", "NaN is no number in JSON."),
        ("[-Infinity]", "-Infinity is no number in JSON."),
        ("[1e999]", "The number 1e999 is too large."),
        (f"[{'9' * 5000}]", "The number 99999999999999999999… is too large."),
        ("[" * 100_000, "It is nested more deeply than any provider's request."),
    ],
)
def test_what_is_ambiguous_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Ambiguous) as refused:
        strict_json(text)
    assert str(refused.value) == sentence


def test_what_is_no_json_says_where() -> None:
    with pytest.raises(json.JSONDecodeError) as refused:
        strict_json('{\n"a": }')
    assert refused.value.lineno == 2


def answer(body: bytes) -> Answer:
    return Answer(200, (("Content-Type", "application/json"),), body)


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf[]", b'{"id": 1, "id": 2}', b"[1e999]", b"\xff[]", b"[" * 100_000])
def test_an_ambiguous_answer_is_none(body: bytes) -> None:
    with pytest.raises(NotJson):
        json_of(answer(body))
