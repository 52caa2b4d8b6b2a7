"""What answers to a send job mean: one row per response of the vendor's table, and everything it does not document."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.acoustic import PROVIDER
from providers.acoustic.outcome import REFUSALS, STATUSES
from providers.types import Answer, Json, Outcome, Reading, Signal, Verdict, WireRequest
from tests.providers.acoustic.samples import ACCEPTED, MESSAGE, NAME, answer, envelope
from tests.providers.contract import QUICK

SENT = WireRequest("POST", "https://api-campaign-us-1.goacoustic.com/rest", (), b"{}", keys=(NAME,))


def reading(said: Answer, name: str = NAME) -> Reading:
    return PROVIDER.parse(said, WireRequest(SENT.method, SENT.url, SENT.headers, SENT.body, keys=(name,)))


def outcome(said: Answer, name: str = NAME) -> Outcome:
    """The one outcome of an answer."""
    return reading(said, name).outcomes[name]


LONG = "Length of External System %s cannot exceed 2000 characters."
DOCUMENTED = [
    ("Contact source is not SMS enabled", 400, "Contact source 4396816is not enabled for SMS.", "source_not_enabled"),
    ("Contact source is not SMS enabled, with a space", 400, "Contact source 4396816 is not enabled for SMS.", "source_not_enabled"),
    ("User calling the API is not SMS enabled", 403, "Forbidden", "forbidden"),
    ("Contact source does not exist", 400, "Contact source ID 4396816 does not exist.", "source_unknown"),
    ("Contact source is not in this org", 400, "Contact source access denied", "source_denied"),
    ("No ID provided", 404, "", "no_message_id"),
    ("Provided ID does not exist", 400, f"Unable to find published DeliveryDraft with contentId {MESSAGE}", "message_unknown"),
    ("Provided ID is not in this org", 403, "Forbidden", "forbidden"),
    ("Provided ID existed but was deleted", 400, f"Unable to find published DeliveryDraft with contentId {MESSAGE}", "message_unknown"),
    ("Contains all spaces", 400, "Invalid message name", "name_invalid"),
    ("Message name is not unique", 400, f"A SMS with the name: {NAME} already exists", "name_taken"),
    ("value >2000 chars (externalSystemName)", 400, LONG % "Name", "system_name_too_long"),
    ("value >2000 chars (externalSystemReferenceId)", 400, LONG % "RefrenceId", "system_reference_too_long"),
    ("Failure", 400, "Failure", "failure"),
]
"""The vendor's page, "Response Codes": scenario, response code, message, and the outcome it becomes."""
WRAPPED: dict[str, Callable[[str], Json]] = {
    "general strings": lambda said: envelope([said]),
    "general objects": lambda said: envelope([{"code": 400, "message": said}]),
    "general map": lambda said: envelope({"error": said}),
    "one general string": lambda said: envelope(said),
    "field map": lambda said: envelope([], {"messageName": said}),
    "field lists": lambda said: envelope([], {"messageName": [said]}),
    "field objects": lambda said: envelope([], [{"field": "messageName", "message": said}]),
    "no envelope": lambda said: {"message": said},
    "a bare string": lambda said: json.dumps(said),
    "no JSON": lambda said: said,
    "a page": lambda said: f"<html><body><h1>HTTP Status 400</h1><p>{said}</p></body></html>",
}
"""How a sentence might be wrapped: the vendor shows no sample."""


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize(("scenario", "status", "said", "code"), DOCUMENTED, ids=[row[0] for row in DOCUMENTED])
def test_a_documented_refusal(scenario: str, status: int, said: str, code: str, wrapping: str) -> None:
    found = outcome(answer(status, WRAPPED[wrapping](said), headers=()))
    assert (found.verdict, found.code) == (Verdict.REJECTED, f"acoustic.{code}")
    assert said in found.said
    assert found.explanation
    assert found.advice
    assert found.proves_earlier is (code == "name_taken")
    assert reading(answer(status, said, headers=())).signal is Signal.NONE


def test_each_refusal_has_its_own_code_and_words() -> None:
    meanings = [*(meaning for _pattern, meaning in REFUSALS), *STATUSES.values()]
    assert len({meaning.code for meaning in meanings}) == len(meanings)
    assert len({str(meaning.explanation) for meaning in meanings}) == len(meanings)
    assert not [meaning.code for meaning in meanings if "below" in str(meaning.advice)]


class TestAccepted:
    """The vendor's page: "Success 201 Accepted", also for characters outside the allow-list and for spaces at the ends of a name."""

    def test_the_vendors_sample(self) -> None:
        found = outcome(answer(201, ACCEPTED))
        assert (found.verdict, found.code) == (Verdict.ACCEPTED, "acoustic.accepted")
        assert found.references == (("job_id", "4396816"),)

    def test_the_location_is_never_used(self) -> None:
        assert "adm01" not in repr(reading(answer(201, ACCEPTED)))

    @pytest.mark.parametrize("name", [" padded ", "¿ünusual <name>"])
    def test_names_that_the_vendor_takes(self, name: str) -> None:
        assert outcome(answer(201, ACCEPTED), name).verdict == Verdict.ACCEPTED

    def test_an_id_as_text_is_kept(self) -> None:
        assert outcome(answer(201, envelope(data={"id": "ae70ea-162877c3e4d-2b05"}))).references == (("job_id", "ae70ea-162877c3e4d-2b05"),)

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            "[]",
            "null",
            "<html>",
            envelope(),
            envelope(data=[]),
            envelope(data={"id": None}),
            envelope(data={"id": True}),
            envelope(data={"id": 1.5}),
            envelope(data={"id": 2**63}),
            envelope(data={"id": -1}),
            envelope(data={"id": "<b>"}),
            envelope(data={"id": ""}),
        ],
        ids=str,
    )
    def test_201_is_acceptance_although_the_job_is_not_named(self, body: Json) -> None:
        found = outcome(answer(201, body))
        assert (found.verdict, found.code) == (Verdict.ACCEPTED, "acoustic.accepted_unnamed")
        assert found.references == ()
        assert found.advice

    def test_a_cut_201_is_acceptance(self) -> None:
        """F27: 201 was seen, the number of the job was not."""
        whole = json.dumps(ACCEPTED).encode()
        found = outcome(Answer(201, body=whole[:-1], complete=False))
        assert (found.verdict, found.code) == (Verdict.ACCEPTED, "acoustic.accepted_unnamed")


class TestNameTaken:
    def test_it_proves_an_earlier_attempt_only_for_the_name_that_was_sent(self) -> None:
        taken = envelope(["A SMS with the name: Another name already exists"])
        found = outcome(answer(400, taken))
        assert (found.verdict, found.code, found.proves_earlier) == (Verdict.REJECTED, "acoustic.name_taken", False)

    @pytest.mark.parametrize("name", [f" {NAME}", f"{NAME} "])
    def test_spaces_at_the_ends_do_not_matter(self, name: str) -> None:
        assert outcome(answer(400, envelope([f"A SMS with the name: {NAME} already exists"])), name).proves_earlier

    @pytest.mark.parametrize(
        "name",
        [
            "Invalid message name",
            "max number of concurrent",
            "Contact source access denied",
            "x already exists already exists",
            "Contact source ID 1 does not exist.",
        ],
    )
    def test_a_name_that_reads_like_another_sentence_is_still_a_name(self, name: str) -> None:
        found = outcome(answer(400, envelope([f"A SMS with the name: {name} already exists"])), name)
        assert (found.code, found.proves_earlier) == ("acoustic.name_taken", True)

    @pytest.mark.parametrize("status", [200, 403, 404, 409, 500])
    def test_only_with_the_documented_status(self, status: int) -> None:
        assert not outcome(answer(status, envelope([f"A SMS with the name: {NAME} already exists"]))).proves_earlier


class TestConcurrency:
    """Ten requests at once for each organisation; what the REST API says to the eleventh is not documented."""

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 429, 500, 503])
    @pytest.mark.parametrize("wrapping", ["general strings", "no JSON"])
    def test_the_text_of_the_xml_api_is_recognised(self, status: int, wrapping: str) -> None:
        said = "Exceeded Max number of concurrent API authenticated requests"
        found = reading(answer(status, WRAPPED[wrapping](said), headers=()))
        assert found.signal is Signal.THROTTLED
        assert found.outcomes[NAME].verdict == Verdict.NOT_SENT
        assert found.outcomes[NAME].code == "acoustic.throttled"

    @pytest.mark.parametrize("status", [201, 200])
    def test_success_is_not_undone_by_it(self, status: int) -> None:
        assert outcome(answer(status, "max number of concurrent")).verdict != Verdict.NOT_SENT


UNDOCUMENTED = [
    (401, Verdict.NOT_SENT, "token_refused", Signal.TOKEN_REFUSED),
    (408, Verdict.IN_DOUBT, "timed_out", Signal.FAULT),
    (413, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE),
    (417, Verdict.NOT_SENT, "too_large", Signal.TOO_LARGE),
    (422, Verdict.REJECTED, "unprocessable", Signal.NONE),
    (429, Verdict.NOT_SENT, "throttled", Signal.THROTTLED),
    (301, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (302, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (307, Verdict.IN_DOUBT, "redirected", Signal.REDIRECTED),
    (500, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (502, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (503, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (504, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
    (200, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (202, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (204, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (100, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (405, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (409, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (418, Verdict.IN_DOUBT, "unexpected", Signal.FAULT),
    (599, Verdict.IN_DOUBT, "server_error", Signal.FAULT),
]
"""Faults F33–F39: what a status means that the vendor's table does not have."""


@pytest.mark.parametrize("body", ["", "{", json.dumps(ACCEPTED), "<html>Sign in</html>"], ids=["empty", "torn", "like success", "page"])
@pytest.mark.parametrize(("status", "verdict", "code", "signal"), UNDOCUMENTED)
def test_an_undocumented_status(status: int, verdict: Verdict, code: str, signal: Signal, body: str) -> None:
    found = reading(answer(status, body))
    assert (found.outcomes[NAME].verdict, found.outcomes[NAME].code, found.signal) == (verdict, f"acoustic.{code}", signal)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("Retry-After", "7"),), 7.0),
        ((("retry-after", "86400"),), 900.0),
        ((("Retry-After", "Fri, 20 Nov 2026 14:00:30 GMT"), ("Date", "Fri, 20 Nov 2026 14:00:00 GMT")), 30.0),
        ((("Retry-After", "soon"),), None),
        ((), None),
    ],
)
def test_the_wait_that_is_asked_for(headers: tuple[tuple[str, str], ...], seconds: float | None) -> None:
    assert reading(answer(429, "", headers=headers)).retry_after == seconds


@given(
    status=st.sampled_from([200, 400, 403, 500]),
    said=st.lists(st.sampled_from([row[2] for row in DOCUMENTED] + ["max number of concurrent", "\ud800", "\x00", "x" * 3000]), max_size=5),
)
@QUICK
def test_several_sentences_give_one_outcome_that_can_be_stored(status: int, said: list[str]) -> None:
    found = outcome(answer(status, envelope(said)))
    assert found.verdict != Verdict.ACCEPTED
    assert len(found.said) <= 2000
    assert "\x00" not in found.said.encode().decode()
