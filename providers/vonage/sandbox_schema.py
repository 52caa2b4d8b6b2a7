"""What the emulated VCC takes for a well-formed body of invoke and register.

Documented: the properties, which of them are required, and their limits (seed 001, Register provider settings).
Assumption: each fault here is a 400 for the whole call; documented is only that a missing field or malformed JSON is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from providers.types import Json

MOST_LABEL = 50
MOST_SECONDS = 2_678_399
NEEDS: Mapping[str, tuple[str, ...]] = {
    "clid": ("value",),
    "name": ("value",),
    "mediatype": ("value",),
    "url": ("label",),
    "interactionproperty": ("key", "value"),
    "object": ("owner", "key", "value"),
}
"""What each type of linkeddata requires. "object" stands in one of the vendor's examples only."""
PERMISSIONS = frozenset({"release", "hold", "transfertoagent", "transfertoroute"})


def folded(value: Json) -> Json:
    """A JSON value whose property names are in lower case. Assumption: VCC takes any case, as its pages write both."""
    if isinstance(value, dict):
        return {str(name).lower(): folded(inner) for name, inner in value.items()}
    return [folded(inner) for inner in value] if isinstance(value, list) else value


def invocation_fault(body: Json) -> str:
    """What is wrong with a folded body of invoke; empty when nothing is."""
    if not isinstance(body, dict) or not isinstance(body.get("requests"), list) or not body["requests"]:
        return "The requests field is required."
    if not isinstance(body.get("provider", ""), str):
        return "The provider must be a string."
    return next((fault for item in body["requests"] if (fault := interaction_fault(item))), "")


def interaction_fault(item: Json) -> str:
    """What is wrong with one Interaction object; empty when nothing is."""
    if not isinstance(item, dict):
        return "An interaction must be an object."
    if not all(isinstance(item.get(name, ""), str) for name in ("action", "requestid", "externalid", "route")):
        return "An interaction's fields must be strings."
    action = item.get("action", "dispatch").lower()
    if action not in ("dispatch", "release"):
        return "The action must be dispatch or release."
    needed = "externalid" if action == "release" else "route"
    if not item.get(needed):
        return f"The {needed} field is required."
    return next(_faults_inside(item), "")


def _faults_inside(item: Mapping[str, Json]) -> Iterator[str]:
    linked, routing = item.get("linkeddata", []), item.get("routingdata", {})
    if not isinstance(linked, list) or not isinstance(routing, dict):
        yield "linkeddata must be a list and routingdata an object."
        return
    yield from (fault for entry in linked if (fault := linked_fault(entry)))
    yield from routing_faults(routing)


def linked_fault(entry: Json) -> str:
    """What is wrong with one linkeddata item."""
    if not isinstance(entry, dict) or entry.get("type") not in NEEDS:
        return "An item of linkeddata has no known type."
    kind = entry["type"]
    if not all(isinstance(entry.get(name), str) and entry[name] for name in NEEDS[kind]):
        return f"An item of the type {kind} lacks a property."
    if kind in ("clid", "name", "mediatype") and len(entry["value"]) > MOST_LABEL:
        return f"The {kind} is longer than {MOST_LABEL} characters."
    return ""


def routing_faults(routing: Mapping[str, Json]) -> Iterator[str]:
    """What is wrong with routingdata."""
    if routing.get("interactiontype", "live") not in ("live", "chat", "nonlive"):
        yield "The interactiontype must be live, chat or nonlive."
    skills = routing.get("skills", [])
    if not isinstance(skills, list) or not all(_is_skill(skill) for skill in skills):
        yield "A skill needs a name, and an expiryafter of at most 2678399."
    if (queue := routing.get("personalqueue")) is not None and not _is_queue(queue):
        yield "A personalqueue needs an agent and both timeouts of at most 2678399."


def _is_skill(skill: Json) -> bool:
    return isinstance(skill, dict) and _is_text(skill.get("name")) and _is_time(skill.get("expiryafter", 0))


def _is_queue(queue: Json) -> bool:
    times = ("loggedintimeout", "loggedouttimeout")
    return isinstance(queue, dict) and _is_text(queue.get("agent")) and all(_is_time(queue.get(name)) for name in times)


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


def _is_time(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_SECONDS


def registration_fault(body: Json) -> str:
    """What is wrong with a body of register whose outer names are in lower case; empty when nothing is."""
    if not isinstance(body, dict) or not _is_text(body.get("provider")):
        return "The provider field is required."
    endpoint = body.get("endpoint", "https://")
    if not isinstance(endpoint, str) or not endpoint.startswith("https://"):
        return "The endpoint must be an https address."
    headers, permitted = body.get("headers", {}), folded(body.get("agentactionspermitted", {}))
    if not isinstance(headers, dict) or not all(_is_text(value) for value in headers.values()):
        return "The headers must be key-value pairs."
    if any(name.lower() == "authorization" and len(value.split()) < 2 for name, value in headers.items()):
        return "The Authorization header must have a type and credentials."
    if not isinstance(permitted, dict) or not permitted.keys() <= PERMISSIONS or not all(value in (0, 1) for value in permitted.values()):
        return "The agentactionspermitted must be 0 or 1."
    return ""
