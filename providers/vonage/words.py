"""Commands in words: for lists, confirmations and the record. No full telephone number stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from providers.base import Naming, by_key
from providers.redact import mask_number
from providers.types import Command, Json, Summary

NUMBER = re.compile(r"\+?[0-9][0-9 ()./\-]{5,22}[0-9]")
SHORTEST_SECRET = 4
"""Characters below which a header's value is not masked: masking "1" would blacken half the body."""


def is_number(text: str) -> bool:
    """Whether a text is written like a telephone number of 7 to 15 digits."""
    return bool(NUMBER.fullmatch(text)) and 7 <= sum(char.isdigit() for char in text) <= 15


def numbers_in(values: Mapping[str, Json]) -> tuple[str, ...]:
    """What looks like a telephone number among the linkeddata values."""
    texts = (item.get("value", "") for item in values.get("linkeddata", ()))
    return tuple(dict.fromkeys(text for text in texts if is_number(text)))


def covered(text: str) -> str:
    """The text, masked when it looks like a telephone number."""
    return mask_number(text) if is_number(text) else text


def joined(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    return str(get_text_list(list(words), gettext("and")))


def duration(seconds: int) -> str:
    """A time in its largest whole unit: "1 minute", "90 seconds"."""
    if seconds and seconds % 86_400 == 0:
        return ngettext("%(n)s day", "%(n)s days", seconds // 86_400) % {"n": seconds // 86_400}
    if seconds and seconds % 3_600 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", seconds // 3_600) % {"n": seconds // 3_600}
    if seconds and seconds % 60 == 0:
        return ngettext("%(n)s minute", "%(n)s minutes", seconds // 60) % {"n": f"{seconds // 60:,}"}
    return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": f"{seconds:,}"}


def references(command: Command) -> tuple[tuple[str, str], ...]:
    """The ids under which an interaction is searched for."""
    external = command.values.get("externalid")
    return (("request_id", command.key), *((("external_id", external),) if external else ()))


# --- route --------------------------------------------------------------------------------------


def route(command: Command) -> Summary:
    """An interaction on its way to an agent."""
    values = command.values
    return Summary(
        target=values["route"],
        detail=covered(values.get("externalid", "")) or _shown(values, "name"),
        sentence=route_spoken(command, by_key),
        references=references(command),
        personal=numbers_in(values),
    )


def route_spoken(command: Command, called: Naming) -> str:
    """The same as a sentence."""
    values = command.values
    return " ".join([_opening(values, called) + ".", *_queue(values, called), *_provider(values), *_properties(values)])


def _shown(values: Mapping[str, Json], kind: str) -> str:
    return next((covered(item["value"]) for item in values.get("linkeddata", ()) if item["type"] == kind), "")


def _opening(values: Mapping[str, Json], called: Naming) -> str:
    routing = values.get("routingdata", {})
    name = _shown(values, "name") or _shown(values, "clid") or gettext("an interaction")
    opening = gettext("Route %(name)s through %(route)s") % {"name": name, "route": called("route", values["route"])}
    kinds = {"live": gettext("as a live interaction"), "chat": gettext("as a chat"), "nonlive": gettext("as a non-live interaction")}
    skills = routing.get("skills", ())
    head = [opening, *_mandatory(skills), kinds.get(routing.get("interactiontype", ""), "")]
    return "; ".join([" ".join(filter(None, head)), *_temporary(skills), *_optional(skills)])


def _mandatory(skills: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    if names := [skill["name"] for skill in skills if "expiryafter" not in skill]:
        yield gettext("to an agent with %(skills)s") % {"skills": joined(names)}


def _temporary(skills: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    for skill in skills:
        if skill.get("expiryafter"):
            yield gettext("insist on %(skill)s for %(time)s") % {"skill": skill["name"], "time": duration(skill["expiryafter"])}


def _optional(skills: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    if names := [skill["name"] for skill in skills if skill.get("expiryafter") == 0]:
        yield gettext("prefer %(skills)s") % {"skills": joined(names)}


def _queue(values: Mapping[str, Json], called: Naming) -> Iterator[str]:
    queue = values.get("routingdata", {}).get("personalqueue")
    if queue:
        text = gettext("Offer it to %(agent)s first: for %(signed_in)s while signed in, for %(signed_out)s while signed out.")
        times = {"signed_in": duration(queue["loggedintimeout"]), "signed_out": duration(queue["loggedouttimeout"])}
        yield text % {"agent": called("agent", queue["agent"]), **times}


def _provider(values: Mapping[str, Json]) -> Iterator[str]:
    if "provider" in values:
        yield gettext("The registered provider is %(provider)s.") % {"provider": values["provider"]}


def _properties(values: Mapping[str, Json]) -> Iterator[str]:
    given = [item for item in values.get("linkeddata", ()) if item["type"] == "interactionproperty"]
    if given:
        keys = joined([_given(item) for item in given])
        yield ngettext("The plan gets the property %(keys)s.", "The plan gets the properties %(keys)s.", len(given)) % {"keys": keys}


def _given(item: Mapping[str, Json]) -> str:
    """A property's key; with its value, masked, when that is a telephone number."""
    return f"{item['key']} {covered(item['value'])}" if is_number(item["value"]) else str(item["key"])


# --- the others ---------------------------------------------------------------------------------


def sms(command: Command) -> Summary:
    """A plan that sends an SMS."""
    values = command.values
    given = [item for item in values.get("linkeddata", ()) if item["type"] == "interactionproperty"]
    numbers = [f"{item['key']} {covered(item['value'])}" for item in given if is_number(item["value"])]
    return Summary(
        target=values["route"],
        detail=" · ".join(numbers) or covered(values.get("externalid", "")),
        sentence=sms_spoken(command, by_key),
        references=references(command),
        personal=numbers_in(values),
    )


def sms_spoken(command: Command, called: Naming) -> str:
    """The same as a sentence."""
    opening = gettext("Run the plan of %(route)s, which sends an SMS.") % {"route": called("route", command.values["route"])}
    return " ".join([opening, *_properties(command.values)])


def release(command: Command) -> Summary:
    """An interaction taken back."""
    values = command.values
    sentence = gettext("Release the interaction %(external)s: it leaves the queue, or ends for the agent who has it.")
    named = covered(values["externalid"])
    return Summary(
        target=named,
        detail=values.get("provider", ""),
        sentence=" ".join([sentence % {"external": named}, *_provider(values)]),
        references=references(command),
    )


def register(command: Command) -> Summary:
    """A provider registered."""
    values = command.values
    allowed = [name for name, value in values["agentactionspermitted"].items() if value]
    sentences = [gettext("Register the provider %(provider)s.") % {"provider": values["provider"]}]
    if endpoint := values.get("endpoint"):
        sentences.append(gettext("VCC reports to %(endpoint)s.") % {"endpoint": endpoint})
    if headers := values.get("headers"):
        text = ngettext("Each report carries the header %(names)s.", "Each report carries the headers %(names)s.", len(headers))
        sentences.append(text % {"names": joined(list(headers))})
    may = (
        gettext("Agents may use %(actions)s.") % {"actions": joined(allowed)}
        if allowed
        else gettext("Agents may do none of the four actions.")
    )
    secrets = tuple(value for value in values.get("headers", {}).values() if len(value) >= SHORTEST_SECRET)
    return Summary(target=values["provider"], detail=values.get("endpoint", ""), sentence=" ".join([*sentences, may]), secrets=secrets)
