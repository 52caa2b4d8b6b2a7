"""A vendor's body read back: what the forms can carry comes through whole, everything else is refused by name."""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.errors import CannotExpress
from providers.fields import UNREADABLE
from providers.types import Draft, Json
from providers.vonage import PROVIDER
from tests.providers.contract import json_values
from tests.providers.vonage.desk import command
from tests.providers.vonage.samples import ACCOUNT


def read(body: Json) -> list[Draft]:
    return PROVIDER.read(ACCOUNT, body, "")


def refusal(body: Json) -> str:
    with pytest.raises(CannotExpress) as caught:
        read(body)
    return str(caught.value)


def request(**properties: Any) -> dict[str, Any]:
    return {"requests": [{"route": "APIRouting", **properties}]}


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ([], "The body must be an object."),
            ("x", "The body must be an object."),
            ({}, "“requests” is missing."),
            ({"requests": {}}, "“requests” must be a list."),
            ({"requests": []}, "“requests” is empty: there is nothing to send."),
            ({"requests": [7]}, "“requests[0]” must be an object."),
            ({"requests": [{}]}, "“requests[0].route” is missing."),
            ({"request": []}, "“request” is not a property that the desk can send."),
            (request(colour="red"), "“requests[0].colour” is not a property that the desk can send."),
            (request(provider="Crm"), "“requests[0].provider” is not a property that the desk can send."),
            ({**request(), "provider": 7}, "“provider” must be text."),
            (request(action="hold"), "“requests[0].action” must be dispatch or release."),
            (request(requestid=8762187187), "“requests[0].requestid” must be text."),
            (request(requestid="a", requestId="b"), "“requests[0].requestId” stands there twice."),
            (request(externalid=None), "“requests[0].externalid” is empty; leave it out."),
            (request(externalid=""), "“requests[0].externalid” is empty; leave it out."),
            (request(externalid=" x"), "“requests[0].externalid” begins or ends with a space, which the desk takes off."),
            (request(linkeddata={}), "“requests[0].linkeddata” must be a list."),
            (request(linkeddata=["x"]), "“requests[0].linkeddata[0]” must be an object."),
            (request(linkeddata=[{"type": "clid"}]), "“requests[0].linkeddata[0].value” is missing."),
            (
                request(linkeddata=[{"type": "object", "key": "Contact", "value": "1"}]),
                "“requests[0].linkeddata[0].type” must be clid, name, mediatype, url or interactionproperty.",
            ),
            (
                request(linkeddata=[{"type": "clid", "value": "1", "label": "x"}]),
                "“requests[0].linkeddata[0].label” does not belong to an item of that type.",
            ),
            (request(linkeddata=[{"type": "url", "value": "https://vonage.com"}]), "“requests[0].linkeddata[0].label” is missing."),
            (
                request(linkeddata=[{"type": "clid", "value": "1"}, {"type": "clid", "value": "2"}]),
                "“requests[0].linkeddata clid” stands there twice.",
            ),
            (
                request(linkeddata=[{"type": "interactionproperty", "key": "A", "value": value} for value in "12"]),
                "“requests[0].linkeddata interactionproperty A” stands there twice.",
            ),
            (
                request(linkeddata=[{"type": "interactionproperty", "key": "A", "value": 7}]),
                "“requests[0].linkeddata[0].value” must be text.",
            ),
            (request(routingdata=[]), "“requests[0].routingdata” must be an object."),
            (request(routingdata={"priority": 1}), "“requests[0].routingdata.priority” is not a property that the desk can send."),
            (request(routingdata={"skills": [{"expiryafter": 1}]}), "“requests[0].routingdata.skills[0].name” is missing."),
            (
                request(routingdata={"skills": [{"name": "x", "expiryafter": True}]}),
                "“requests[0].routingdata.skills[0].expiryafter” must be a whole number.",
            ),
            (
                request(routingdata={"skills": [{"name": "x", "expiryafter": 1.5}]}),
                "“requests[0].routingdata.skills[0].expiryafter” must be a whole number.",
            ),
            (request(routingdata={"personalqueue": {"agent": "x"}}), "“requests[0].routingdata.personalqueue.loggedintimeout” is missing."),
            ({"requests": [{"action": "release"}]}, "“requests[0].externalid” is missing."),
            ({"requests": [{"action": "release", "externalid": "x", "route": "y"}]}, "“requests[0].route” does not belong to a release."),
            ({"provider": "x", "headers": {"A": 1}}, "“headers.A” must be text."),
            (
                {"provider": "x", "agentactionspermitted": {"fire": 1}},
                "“agentactionspermitted.fire” is not a property that the desk can send.",
            ),
            ({"provider": "x", "agentactionspermitted": {"hold": 2}}, "“agentactionspermitted.hold” must be 0 or 1."),
            ({"endpoint": "https://x.example"}, "“provider” is missing."),
        ],
        ids=lambda value: value[:50] if isinstance(value, str) else "",
    )
    def test_each_names_its_property(self, body: Json, sentence: str) -> None:
        assert refusal(body) == sentence

    def test_the_second_interaction_is_named_as_the_second(self) -> None:
        assert refusal({"requests": [{"route": "A"}, {"route": None}]}) == "“requests[1].route” is empty; leave it out."

    @given(body=json_values)
    @settings(max_examples=200)
    def test_any_json_is_read_or_refused(self, body: Json) -> None:
        for candidate in (
            body,
            {"requests": [body]},
            request(linkeddata=[body]),
            request(routingdata=body),
            {"provider": "x", "headers": body},
        ):
            with suppress(CannotExpress):
                assert all(isinstance(draft, Draft) for draft in read(candidate))


class TestSeveral:
    def test_several_interactions_share_their_provider(self) -> None:
        body = {
            "provider": "CrmIntegration",
            "requests": [
                {"requestid": "1", "externalid": "a", "route": "APIRouting"},
                {"action": "RELEASE", "requestid": "2", "externalid": "b"},
                {
                    "requestid": "3",
                    "route": "SendSMS",
                    "linkeddata": [{"type": "interactionproperty", "key": "ToNum", "value": "07700936658"}],
                },
            ],
        }
        drafts = read(body)
        assert [draft.action for draft in drafts] == ["route", "release", "route"]
        assert {draft.fields["provider"] for draft in drafts} == {"CrmIntegration"}
        assert [draft.fields["requestid"] for draft in drafts] == ["1", "2", "3"]

    def test_any_letter_case_of_names_and_words(self) -> None:
        body = {"Requests": [{"Action": "Dispatch", "Route": "APIRouting", "RoutingData": {"InteractionType": "Live"}}]}
        (draft,) = read(body)
        assert draft == Draft("route", {"route": "APIRouting", "interactiontype": "live"})


class TestWhichAction:
    PROPERTY = {"type": "interactionproperty", "key": "ToNum", "value": "07700936658"}

    @pytest.mark.parametrize(
        ("more", "action"),
        [
            ({"linkeddata": [PROPERTY]}, "sms"),
            ({"linkeddata": [PROPERTY], "externalid": "7"}, "sms"),
            ({}, "route"),
            ({"linkeddata": []}, "route"),
            ({"linkeddata": [PROPERTY, {"type": "mediatype", "value": "SMS"}]}, "route"),
            ({"linkeddata": [PROPERTY], "routingdata": {"interactiontype": "nonlive"}}, "route"),
        ],
    )
    def test_properties_alone_are_an_sms(self, more: dict[str, Any], action: str) -> None:
        (draft,) = read(request(**more))
        assert draft.action == action

    def test_a_registration(self) -> None:
        (draft,) = read(
            {
                "provider": "TestProviderName",
                "endpoint": "https://endpoint.example.com/routingendpoint",
                "headers": {"x-header1": "value1"},
                "agentactionspermitted": {"release": 1, "hold": 0},
            }
        )
        assert draft == Draft(
            "register",
            {
                "key": "TestProviderName",
                "endpoint": "https://endpoint.example.com/routingendpoint",
                "headers": [{"name": "x-header1", "value": "value1"}],
                "release": True,
            },
        )


def line(longest: int) -> st.SearchStrategy[str]:
    """Text that a one-line field takes and leaves as it is."""
    letters = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=longest)
    return letters.map(lambda text: unicodedata.normalize("NFC", text).strip()[:longest].strip()).filter(
        lambda text: text and not UNREADABLE.search(text)
    )


seconds = st.integers(0, 2_678_399)
skills = st.lists(
    st.fixed_dictionaries({"name": line(30)}, optional={"expiryafter": seconds}),
    min_size=1,
    max_size=4,
    unique_by=lambda skill: str(skill["name"]).casefold(),
)
queues = st.fixed_dictionaries({"agent": line(30), "loggedintimeout": seconds, "loggedouttimeout": seconds})
routing = st.fixed_dictionaries(
    {}, optional={"interactiontype": st.sampled_from(["live", "chat", "nonlive"]), "personalqueue": queues, "skills": skills}
).filter(bool)


@st.composite
def linked(draw: st.DrawFn) -> list[dict[str, str]]:
    """linkeddata items in the order in which the desk writes them, at least one."""
    urls = st.fixed_dictionaries({"type": st.just("url"), "label": line(50)}, optional={"value": st.just("https://vonage.com/x?y=1#z")})
    kinds = [st.builds(lambda value, kind=kind: {"type": kind, "value": value}, line(50)) for kind in ("clid", "name", "mediatype")]
    rows = st.lists(st.tuples(line(40), line(200)), max_size=4, unique_by=lambda pair: pair[0])
    singles = [draw(st.none() | kind) for kind in (kinds[0], urls, *kinds[1:])]
    items = [item for item in singles if item] + [{"type": "interactionproperty", "key": key, "value": value} for key, value in draw(rows)]
    return items or [draw(kinds[0])]


@st.composite
def dispatches(draw: st.DrawFn) -> dict[str, Any]:
    """A body of invoke with one dispatch, as the desk writes it."""
    head = draw(st.fixed_dictionaries({"action": st.just("dispatch"), "requestid": line(60)}, optional={"externalid": line(60)}))
    tail = draw(st.fixed_dictionaries({"route": st.just("APIRouting")}, optional={"linkeddata": linked(), "routingdata": routing}))
    provider = draw(st.fixed_dictionaries({}, optional={"provider": st.just("CrmIntegration")}))
    return {**provider, "requests": [{**head, **tail}]}


@given(body=dispatches())
@settings(max_examples=300)
def test_what_is_read_is_built_again(body: dict[str, Any]) -> None:
    (draft,) = read(body)
    built = PROVIDER.build(ACCOUNT, [command(draft.action, draft.fields)]).body
    assert json.loads(built) == body


@given(external=line(60), key=line(60), provider=st.none() | line(60))
@settings(max_examples=100)
def test_so_is_a_release(external: str, key: str, provider: str | None) -> None:
    body = {**({"provider": provider} if provider else {}), "requests": [{"action": "release", "requestid": key, "externalid": external}]}
    (draft,) = read(body)
    assert json.loads(PROVIDER.build(ACCOUNT, [command("release", draft.fields)]).body) == body
