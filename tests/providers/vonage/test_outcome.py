"""Every documented answer, and what must never be believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.types import Answer, Outcome, Reading, Signal, Verdict, WireRequest
from providers.vonage import PROVIDER
from tests.providers.vonage.commands import dispatch, register, release
from tests.providers.vonage.samples import ACCOUNT

JSON = ("Content-Type", "application/json; charset=utf-8")
DATE = ("Date", "Fri, 20 Nov 2026 14:00:00 GMT")


def call(*keys: str) -> WireRequest:
    return PROVIDER.build(ACCOUNT, [dispatch(key=key) for key in keys or ("id-1",)])


def read(status: int, body: Any = b"", *headers: tuple[str, str], sent: WireRequest | None = None, complete: bool = True) -> Reading:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PROVIDER.parse(Answer(status, (JSON, *headers), content, complete), sent or call())


def only(reading: Reading) -> Outcome:
    (outcome,) = set(reading.outcomes.values())
    return outcome


DOCUMENTED = [
    # status, body, verdict, code, signal, where it is documented
    (200, [], Verdict.ACCEPTED, "accepted", Signal.NONE, "seed 001, Successful response"),
    (200, ["id-1"], Verdict.REJECTED, "failed", Signal.NONE, "seed 001, Failed response"),
    (400, {"message": "Invalid Accept header!"}, Verdict.REJECTED, "bad_request", Signal.NONE, "Responses (Interactions API): 400"),
    (401, {"error": "invalid_token"}, Verdict.NOT_SENT, "token_refused", Signal.TOKEN_REFUSED, "Responses (Interactions API): 401"),
    (403, {"message": "x"}, Verdict.NOT_SENT, "access_refused", Signal.ACCESS_REFUSED, "Responses (Interactions API): 403"),
    (413, {"message": "Payload Too Large"}, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE, "Requests (Interactions API): 413"),
    (417, {"message": "Request size limit exceeded"}, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE, "Requests (Interactions API): 417"),
    (429, b"", Verdict.NOT_SENT, "throttled", Signal.THROTTLED, "Rate limiting: 429"),
    (500, b"", Verdict.IN_DOUBT, "server_error", Signal.FAULT, "Responses (Interactions API): 500"),
]
UNDOCUMENTED = [
    (201, [], "unexpected", Signal.FAULT),
    (202, [], "unexpected", Signal.FAULT),
    (204, b"", "unexpected", Signal.FAULT),
    (301, b"", "redirected", Signal.REDIRECTED),
    (302, b"", "redirected", Signal.REDIRECTED),
    (307, [], "redirected", Signal.REDIRECTED),
    (402, b"", "unexpected", Signal.FAULT),
    (404, {"message": "no Route matched with those values"}, "not_found", Signal.FAULT),
    (405, b"", "unexpected", Signal.FAULT),
    (408, b"", "timed_out", Signal.FAULT),
    (415, b"", "unexpected", Signal.FAULT),
    (422, [], "unexpected", Signal.FAULT),
    (502, b"<html>Bad Gateway</html>", "server_error", Signal.FAULT),
    (503, b"", "server_error", Signal.FAULT),
    (504, b"", "server_error", Signal.FAULT),
]


@pytest.mark.parametrize(("status", "body", "verdict", "code", "signal", "passage"), DOCUMENTED, ids=[row[-1] for row in DOCUMENTED])
def test_documented_answers(status: int, body: Any, verdict: Verdict, code: str, signal: Signal, passage: str) -> None:
    reading = read(status, body)
    outcome = only(reading)
    assert (outcome.verdict, outcome.code, reading.signal) == (verdict, f"vonage.{code}", signal)
    assert outcome.explanation
    assert outcome.advice or verdict is Verdict.ACCEPTED
    assert outcome.said == (body.decode() if isinstance(body, bytes) else json.dumps(body) if body else "")


@pytest.mark.parametrize(("status", "body", "code", "signal"), UNDOCUMENTED, ids=[str(row[0]) for row in UNDOCUMENTED])
def test_all_others_are_in_doubt(status: int, body: Any, code: str, signal: Signal) -> None:
    reading = read(status, body)
    assert (only(reading).verdict, only(reading).code, reading.signal) == (Verdict.IN_DOUBT, f"vonage.{code}", signal)


class TestFailedIds:
    def test_exactly_those_listed_are_rejected(self) -> None:
        keys = [f"id-{number}" for number in range(50)]
        reading = read(200, ["id-7"], sent=call(*keys))
        assert {key for key, outcome in reading.outcomes.items() if outcome.verdict is Verdict.REJECTED} == {"id-7"}
        assert sum(outcome.verdict is Verdict.ACCEPTED for outcome in reading.outcomes.values()) == 49
        assert reading.signal is Signal.NONE

    @pytest.mark.parametrize("listed", [["ID-1"], [" id-1 "], ["id-1", "id-1"], ["id-1", "Id-1"]])
    def test_letter_case_spaces_and_repeats_do_not_matter(self, listed: list[str]) -> None:
        reading = read(200, listed, sent=call("id-1", "id-2"))
        assert reading.outcomes["id-1"].verdict is Verdict.REJECTED
        assert reading.outcomes["id-2"].verdict is Verdict.ACCEPTED

    def test_a_number_is_an_id_of_digits(self) -> None:
        assert only(read(200, [8762187190], sent=call("8762187190"))).verdict is Verdict.REJECTED

    @pytest.mark.parametrize("listed", [["other"], ["id-1", "other"], [""], [1], ["0"], ["id-1\u200b"], [-1]])
    def test_an_id_that_was_not_sent_puts_the_whole_call_in_doubt(self, listed: list[Any]) -> None:
        reading = read(200, listed, sent=call("id-1", "id-2"))
        assert {outcome.code for outcome in reading.outcomes.values()} == {"vonage.foreign_ids"}
        assert {outcome.verdict for outcome in reading.outcomes.values()} == {Verdict.IN_DOUBT}
        assert reading.signal is Signal.FAULT

    @pytest.mark.parametrize(
        "body",
        [
            None,
            {},
            "ok",
            "[]",
            0,
            True,
            {"requests": []},
            [None],
            [True],
            [1.0],
            [["id-1"]],
            [{"requestid": "id-1"}],
            b"",
            b"[",
            b"[]]",
            b"[] x",
            b"<!doctype html>",
            "[]".encode("utf-16"),
            b"[\xff]",
            b"[NaN]",
            b"\xef\xbb\xbf[]",
            b"[" * 100_000,
            b"[" + b"9" * 5_000 + b"]",
        ],
        ids=lambda body: repr(body)[:24],
    )
    def test_what_is_no_array_of_ids_proves_nothing(self, body: Any) -> None:
        reading = read(200, body)
        assert only(reading).verdict is Verdict.IN_DOUBT
        assert reading.signal is Signal.FAULT

    def test_a_cut_answer_proves_nothing(self) -> None:
        assert only(read(200, [], complete=False)).code == "vonage.unreadable"
        assert only(read(200, ["id-1"], complete=False)).code == "vonage.unreadable"

    @pytest.mark.parametrize("declared", ["text/html", "text/plain; charset=utf-8", "application/octet-stream"])
    def test_the_wrong_machine_proves_nothing(self, declared: str) -> None:
        reading = PROVIDER.parse(Answer(200, (("content-type", declared),), b"[]"), call())
        assert only(reading).verdict is Verdict.IN_DOUBT

    @pytest.mark.parametrize(
        "declared", ["application/json", "application/vnd.newvoicemedia.v1+json", "APPLICATION/JSON;charset=UTF-8", ""]
    )
    def test_json_by_any_name_counts(self, declared: str) -> None:
        headers = (("CONTENT-TYPE", declared),) if declared else ()
        assert only(PROVIDER.parse(Answer(200, headers, b"[]"), call())).verdict is Verdict.ACCEPTED


class TestWholeCalls:
    def test_a_release_has_words_of_its_own(self) -> None:
        sent = PROVIDER.build(ACCOUNT, [release("r"), dispatch(key="d")])
        assert {key: outcome.code for key, outcome in read(200, [], sent=sent).outcomes.items()} == {
            "r": "vonage.released",
            "d": "vonage.accepted",
        }
        failed = read(200, ["r", "d"], sent=sent).outcomes
        assert {key: outcome.code for key, outcome in failed.items()} == {"r": "vonage.release_failed", "d": "vonage.failed"}
        assert "registered provider" in failed["r"].advice

    def test_one_bad_dispatch_does_not_reject_the_others(self) -> None:
        """A 400 for several: they are tried apart, so that only the faulty one is refused."""
        reading = read(400, b"", sent=call("id-1", "id-2"))
        assert {outcome.code for outcome in reading.outcomes.values()} == {"vonage.spoilt_call"}
        assert {outcome.verdict for outcome in reading.outcomes.values()} == {Verdict.NOT_SENT}
        assert reading.signal is Signal.TOO_LARGE

    @pytest.mark.parametrize("status", [400, 401, 403, 413, 417, 429, 500])
    def test_a_status_counts_even_when_the_body_was_cut(self, status: int) -> None:
        assert read(status, b"x", complete=False).outcomes == read(status, b"x").outcomes

    def test_words_are_kept_and_cut(self) -> None:
        assert only(read(500, b"contact\x00support")).said == "contact\ufffdsupport"
        assert len(only(read(500, b"x" * 5_000)).said) == 2_000
        assert only(read(500, b"\xff\xfe")).said == "\ufffd\ufffd"


class TestRegistrations:
    SENT = PROVIDER.build(ACCOUNT, [register("k")])

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>"])
    def test_any_2xx_is_accepted(self, status: int, body: bytes) -> None:
        outcome = only(read(status, body, sent=self.SENT))
        assert (outcome.verdict, outcome.code) == (Verdict.ACCEPTED, "vonage.registered")

    @pytest.mark.parametrize(
        ("status", "verdict"),
        [(400, Verdict.REJECTED), (401, Verdict.NOT_SENT), (403, Verdict.NOT_SENT), (302, Verdict.IN_DOUBT), (500, Verdict.IN_DOUBT)],
    )
    def test_all_else_is_read_like_an_invocation(self, status: int, verdict: Verdict) -> None:
        assert only(read(status, b"", sent=self.SENT)).verdict is verdict


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("asked", "seconds"),
        [
            ("0", 0),
            ("7", 7),
            (" 7 ", 7),
            ("900", 900),
            ("901", 900),
            ("999999999", 900),
            ("Fri, 20 Nov 2026 14:01:30 GMT", 90),
            ("Fri, 20 Nov 2026 16:00:00 GMT", 900),
            ("Fri, 20 Nov 2026 13:00:00 GMT", 0),
            ("Fri, 20 Nov 2026 15:00:30 +0100", 30),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("٣", None),
            ("9" * 40, None),
            ("Fri, 99 Nov 2026 14:01:30 GMT", None),
        ],
    )
    def test_seconds_or_a_date(self, asked: str, seconds: float | None) -> None:
        assert read(429, b"", ("Retry-After", asked), DATE).retry_after == seconds

    def test_a_date_needs_the_vendors_clock(self) -> None:
        assert read(429, b"", ("Retry-After", "Fri, 20 Nov 2026 14:01:30 GMT")).retry_after is None

    def test_without_one(self) -> None:
        assert read(429).retry_after is None
