"""What answers to an outbound SMS mean: one row per example answer of the vendor, and everything it does not document."""

from __future__ import annotations

import json

import pytest

from providers.ccai import PROVIDER
from providers.ccai.outcome import REFUSALS, STATUSES
from providers.types import Answer, Json, Outcome, Reading, Signal, Verdict, WireRequest
from tests.providers.ccai.samples import BY_EMAIL_ANSWER, BY_ID_ANSWER, SELECTING, answer
from tests.providers.contract import REF

SENT = WireRequest("POST", "https://customer.uc1.ccaiplatform.com/apps/api/v1/sms", (), b"{}", keys=(REF,))
ACTIVE = "Outbound SMS failed. Consumer is already in an active SMS session."


def reading(said: Answer) -> Reading:
    return PROVIDER.parse(said, SENT)


def outcome(said: Answer) -> Outcome:
    """The one outcome of an answer."""
    return reading(said).outcomes[REF]


DOCUMENTED = [
    ("chat_type needs to be provided", "chat_type_missing", Signal.NONE),
    ("valid chat type needs to be provided", "chat_type_invalid", Signal.NONE),
    ("SMS is not enabled", "sms_not_enabled", Signal.TARGET_REFUSED),
    ("Outbound SMS is not enabled", "outbound_not_enabled", Signal.TARGET_REFUSED),
    ("end_user_number is required", "end_user_number_missing", Signal.NONE),
    ("end_user_number is invalid", "end_user_number_invalid", Signal.NONE),
    ("Non-US phone number not allowed", "non_us_number", Signal.NONE),
    ("outbound_number is required", "outbound_number_missing", Signal.NONE),
    ("outbound_number is invalid", "outbound_number_invalid", Signal.NONE),
    ("outbound_number is not found", "outbound_number_unknown", Signal.TARGET_REFUSED),
    ("message is required", "message_missing", Signal.NONE),
    (ACTIVE, "session_active", Signal.NONE),
]
"""The vendor's page: every "Response: Error : …" with status code 400, in the order of the page."""


@pytest.mark.parametrize(("said", "code", "signal"), DOCUMENTED)
def test_a_documented_refusal(said: str, code: str, signal: Signal) -> None:
    found = reading(answer(400, {"message": said}))
    one = found.outcomes[REF]
    assert (one.verdict, one.code, one.said) == (Verdict.REJECTED, f"ccai.{code}", said)
    assert found.signal is signal
    assert one.explanation
    assert one.advice
    assert not one.proves_earlier


def test_every_refusal_of_the_page_has_its_own_code_and_words() -> None:
    assert [said for said, _code, _signal in DOCUMENTED] == list(REFUSALS)
    meanings = [*REFUSALS.values(), *STATUSES.values()]
    assert len({meaning.code for meaning in meanings}) == len(meanings)
    assert len({str(meaning.explanation) for meaning in meanings}) == len(meanings)
    assert not [meaning.code for meaning in meanings if "below" in str(meaning.advice)]


class TestAccepted:
    @pytest.mark.parametrize(
        ("passage", "chat", "code", "agent"),
        [
            ("Create an outbound SMS chat with ticket_id", SELECTING, "selecting", ()),
            ("… and assign it to an agent using agentId", BY_ID_ANSWER, "assigned", (("agent", "john.doe@foo.com"),)),
            ("… and assign it to an agent email", BY_EMAIL_ANSWER, "assigned", (("agent", "1"),)),
            ("Create an outbound SMS chat without ticket_id", SELECTING, "selecting", ()),
        ],
    )
    def test_the_vendors_examples(self, passage: str, chat: dict[str, Json], code: str, agent: tuple[tuple[str, str], ...]) -> None:
        found = reading(answer(200, chat))
        one = found.outcomes[REF]
        assert (one.verdict, one.code, found.signal) == (Verdict.ACCEPTED, f"ccai.{code}", Signal.NONE)
        assert one.references == (
            ("chat_id", "114"),
            ("chat_status", code),
            ("outbound_number", "+16285550199"),
            *agent,
            ("end_user_id", "87"),
        )
        assert one.explanation

    @pytest.mark.parametrize("status", ["queued", "finished", "brand new", None, 5, [], {}])
    def test_any_other_status_is_accepted_without_a_promise(self, status: Json) -> None:
        one = outcome(answer(200, {**SELECTING, "status": status}))
        assert (one.verdict, one.code) == (Verdict.ACCEPTED, "ccai.accepted")
        assert dict(one.references).get("chat_status") == (status if isinstance(status, str) else None)

    @pytest.mark.parametrize(
        "changed",
        [
            {"agent_info": None},
            {"agent_info": 5},
            {"agent_info": {"id": "x", "email": None}},
            {"agent_info": {"id": 1, "agent_number": "9"}},
            {"participants": None},
            {"participants": [None, 5, {"type": "agent"}]},
            {"end_user": None},
            {"outbound_number": None},
            {"unheard_of": {"key": ["values"]}},
        ],
        ids=str,
    )
    def test_the_rest_of_the_chat_may_be_anything(self, changed: dict[str, Json]) -> None:
        """The vendor adds keys at any time, and its two examples with an agent differ in agent_info."""
        assert outcome(answer(200, {**BY_ID_ANSWER, **changed})).verdict == Verdict.ACCEPTED

    def test_an_id_alone_is_enough(self) -> None:
        one = outcome(answer(200, {"id": 114}, headers=()))
        assert (one.verdict, one.references) == (Verdict.ACCEPTED, (("chat_id", "114"),))

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            "null",
            "[]",
            "{}",
            '"ok"',
            "114",
            '[{"id": 114}]',
            '{"id": null}',
            '{"id": "114"}',
            '{"id": true}',
            '{"id": 1.5}',
            '{"id": -1}',
            '{"id": 1e3}',
            f'{{"id": {2**63}}}',
            '{"id": NaN}',
            '\ufeff{"id": 114}',
            '{"id": 114, "id": 115}',
            "<!doctype html><title>Sign in</title>",
            json.dumps(SELECTING)[:-1],
        ],
        ids=lambda body: body[:24],
    )
    def test_a_200_without_a_chat_is_in_doubt(self, body: str) -> None:
        """F27, F28, F37: probably sent, but nothing proves it."""
        found = reading(answer(200, body, headers=()))
        assert (found.outcomes[REF].verdict, found.outcomes[REF].code) == (Verdict.IN_DOUBT, "ccai.unreadable")
        assert found.signal is Signal.FAULT

    def test_a_cut_200_is_in_doubt(self) -> None:
        assert outcome(answer(200, SELECTING, complete=False)).verdict == Verdict.IN_DOUBT

    def test_a_page_is_no_chat_even_when_it_reads_like_one(self) -> None:
        assert outcome(answer(200, SELECTING, headers=(("Content-Type", "text/html"),))).verdict == Verdict.IN_DOUBT

    def test_what_cannot_be_stored_is_taken_out(self) -> None:
        body = json.dumps({**SELECTING, "status": "a\ud800\x00b", "outbound_number": "x" * 500})
        references = dict(outcome(answer(200, body)).references)
        assert references["chat_status"] == "a  b"
        assert references["outbound_number"] == "x" * 100


UNDOCUMENTED = [
    (401, Verdict.NOT_SENT, "credentials_refused", Signal.ACCESS_REFUSED),
    (403, Verdict.NOT_SENT, "access_refused", Signal.ACCESS_REFUSED),
    (404, Verdict.REJECTED, "not_found", Signal.NONE),
    (422, Verdict.REJECTED, "unprocessable", Signal.NONE),
    (408, Verdict.IN_DOUBT, "timed_out", Signal.FAULT),
    (413, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE),
    (417, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE),
    (429, Verdict.NOT_SENT, "throttled", Signal.THROTTLED),
    (301, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (302, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (308, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (500, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (502, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (503, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (504, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (201, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (202, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (204, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (405, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (409, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
]
"""Faults F33–F39: what a status means that the vendor's page does not have."""
BODIES = {
    "empty": "",
    "like success": json.dumps(SELECTING),
    "like a refusal": '{"message": "message is required"}',
    "page": "<html>Sign in</html>",
    "deep": "[" * 5000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("status", "verdict", "code", "signal"), UNDOCUMENTED)
def test_an_undocumented_status(status: int, verdict: Verdict, code: str, signal: Signal, body: str) -> None:
    """The body of a 401 is not documented: it may be empty or anything, and is not looked at."""
    found = reading(answer(status, body))
    assert (found.outcomes[REF].verdict, found.outcomes[REF].code, found.signal) == (verdict, f"ccai.{code}", signal)
    assert found.outcomes[REF].explanation


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"message": "agent is at capacity"}', "agent is at capacity"),
        ('{"message": "  SMS is not enabled at the moment "}', "SMS is not enabled at the moment"),
        ('{"message": ["SMS is not enabled"]}', '{"message": ["SMS is not enabled"]}'),
        ('{"error": "x"}', '{"error": "x"}'),
        ("Bad Request", "Bad Request"),
        ("", ""),
    ],
)
def test_a_refusal_in_other_words_is_kept_as_said(body: str, said: str) -> None:
    found = reading(answer(400, body))
    one = found.outcomes[REF]
    assert (one.verdict, one.code, one.said, found.signal) == (Verdict.REJECTED, "ccai.refused", said, Signal.NONE)


def test_spaces_around_a_documented_sentence_do_not_matter() -> None:
    assert outcome(answer(400, {"message": " message is required\n"})).code == "ccai.message_missing"


@pytest.mark.parametrize(("told", "seconds"), [("1", 1.0), ("99999", 900.0), ("-1", None), ("x", None)])
def test_the_wait_that_is_asked_for(told: str, seconds: float | None) -> None:
    assert reading(answer(429, "", headers=(("Retry-After", told),))).retry_after == seconds
