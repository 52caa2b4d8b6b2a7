"""The vendor's JSON body read back into form data. What a form cannot carry is refused by name, never dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from django.utils.translation import gettext, gettext_lazy

from providers.errors import CannotExpress
from providers.types import Account, Draft, Json
from providers.vonage.interaction import LABELS, fields
from providers.vonage.registration import PERMISSIONS, registration_fields

PROPERTY_TYPES = ("interactionproperty", "property")
"""Seed 000 calls the type "property" in its prose and writes "interactionproperty" in every example; the latter is sent."""
INTERACTION = ("action", "requestid", "externalid", "route", "linkeddata", "routingdata")
Kind = TypeVar("Kind", str, int, list[Json], dict[str, Json])
NAMES = {str: gettext_lazy("text"), int: gettext_lazy("a whole number"), list: gettext_lazy("a list"), dict: gettext_lazy("an object")}


def read(account: Account, body: Json, item: str) -> list[Draft]:
    """The drafts in a body of invoke or register, in their order. Raises CannotExpress, naming the property at fault."""
    if isinstance(body, dict) and {"endpoint", "headers", "agentactionspermitted"} & {str(name).lower() for name in body}:
        return [_registration(body)]
    top = Object(body, "", ("provider", "requests"))
    provider = top.take("provider", str)
    requests = top.need("requests", list)
    if not requests:
        raise CannotExpress(gettext("“requests” is empty: there is nothing to send."))
    return [_interaction(entry, f"requests[{index}]", provider) for index, entry in enumerate(requests)]


class Object:
    """A JSON object under its place in the body; property names count whatever their letter case, as in the vendor's pages."""

    def __init__(self, value: Json, place: str, allowed: tuple[str, ...]) -> None:
        if not isinstance(value, dict):
            raise CannotExpress(gettext("%(place)s must be an object.") % {"place": _quoted(place)})
        self.place = place
        self.values: dict[str, Json] = {}
        for name, inner in value.items():
            self._admit(str(name), inner, {one.lower(): one for one in allowed})

    def _admit(self, name: str, inner: Json, allowed: Mapping[str, str]) -> None:
        known = allowed.get(name.lower())
        if known is None:
            text = gettext("“%(name)s” is not a property that the desk can send.")
            raise CannotExpress(text % {"name": self.at(name)})
        if known in self.values:
            raise CannotExpress(gettext("“%(name)s” stands there twice.") % {"name": self.at(name)})
        if inner is None or inner == "":
            raise CannotExpress(gettext("“%(name)s” is empty; leave it out.") % {"name": self.at(name)})
        if isinstance(inner, str) and inner != inner.strip():
            raise CannotExpress(gettext("“%(name)s” begins or ends with a space, which the desk takes off.") % {"name": self.at(name)})
        self.values[known] = inner

    def at(self, name: str) -> str:
        """Where a property of this object stands in the body."""
        return f"{self.place}.{name}" if self.place else name

    def take(self, name: str, kind: type[Kind]) -> Kind | None:
        """A property of that type; None when it is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise CannotExpress(gettext("“%(name)s” must be %(kind)s.") % {"name": self.at(name), "kind": NAMES[kind]})
        return value

    def need(self, name: str, kind: type[Kind]) -> Kind:
        """A property of that type that must be there."""
        value = self.take(name, kind)
        if value is None:
            raise CannotExpress(gettext("“%(name)s” is missing.") % {"name": self.at(name)})
        return value


def _quoted(place: str) -> str:
    return f"“{place}”" if place else gettext("The body")


def _interaction(entry: Json, place: str, provider: str | None) -> Draft:
    found = Object(entry, place, INTERACTION)
    action = (found.take("action", str) or "dispatch").lower()
    if action not in ("dispatch", "release"):
        raise CannotExpress(gettext("“%(name)s” must be dispatch or release.") % {"name": found.at("action")})
    request_id = found.take("requestid", str)
    values = _release(found) if action == "release" else _dispatch(found)
    values |= {"provider": provider} if provider else {}
    made = fields(values) | ({"requestid": request_id} if request_id else {})
    return Draft("release" if action == "release" else _dispatch_action(values), made)


def _release(found: Object) -> dict[str, Json]:
    for name in ("route", "linkeddata", "routingdata"):
        if name in found.values:
            raise CannotExpress(gettext("“%(name)s” does not belong to a release.") % {"name": found.at(name)})
    return {"externalid": found.need("externalid", str)}


def _dispatch(found: Object) -> dict[str, Json]:
    values: dict[str, Json] = {"route": found.need("route", str)}
    if external := found.take("externalid", str):
        values["externalid"] = external
    if (items := found.take("linkeddata", list)) is not None:
        values["linkeddata"] = list(_linked(items, found.at("linkeddata")))
    if (routing := found.take("routingdata", dict)) is not None:
        values["routingdata"] = _routing(routing, found.at("routingdata"))
    return values


def _dispatch_action(values: Mapping[str, Json]) -> str:
    """`sms` when a plan gets properties and nothing else, as in the vendor's SMS examples; otherwise `route`."""
    items = values.get("linkeddata", ())
    plain = not {"provider", "routingdata"} & values.keys()
    return "sms" if plain and items and all(item["type"] == "interactionproperty" for item in items) else "route"


def _linked(items: list[Json], place: str) -> Iterator[dict[str, Json]]:
    seen = set()
    for index, entry in enumerate(items):
        found = Object(entry, f"{place}[{index}]", ("type", "key", "label", "value"))
        made = _linked_item(found)
        mark = (made["type"], made.get("key", ""))
        if mark in seen:
            raise CannotExpress(gettext("“%(name)s” stands there twice.") % {"name": f"{place} {' '.join(filter(None, mark))}"})
        seen.add(mark)
        yield made


def _linked_item(found: Object) -> dict[str, Json]:
    kind = found.need("type", str).lower()
    if kind in PROPERTY_TYPES:
        _only(found, ("type", "key", "value"))
        return {"type": "interactionproperty", "key": found.need("key", str), "value": found.need("value", str)}
    if kind == "url":
        _only(found, ("type", "label", "value"))
        value = found.take("value", str)
        return {"type": "url", "label": found.need("label", str)} | ({"value": value} if value else {})
    if kind in LABELS:
        _only(found, ("type", "value"))
        return {"type": kind, "value": found.need("value", str)}
    text = gettext("“%(name)s” must be clid, name, mediatype, url or interactionproperty.")
    raise CannotExpress(text % {"name": found.at("type")})


def _only(found: Object, names: tuple[str, ...]) -> None:
    for name in found.values:
        if name not in names:
            text = gettext("“%(name)s” does not belong to an item of that type.")
            raise CannotExpress(text % {"name": found.at(name)})


def _routing(value: dict[str, Json], place: str) -> dict[str, Json]:
    found = Object(value, place, ("interactiontype", "personalqueue", "skills"))
    made: dict[str, Json] = {}
    if kind := found.take("interactiontype", str):
        made["interactiontype"] = kind.lower()
    if (queue := found.take("personalqueue", dict)) is not None:
        made["personalqueue"] = _queue(queue, found.at("personalqueue"))
    if (skills := found.take("skills", list)) is not None:
        made["skills"] = [_skill(entry, f"{found.at('skills')}[{index}]") for index, entry in enumerate(skills)]
    return made


def _queue(value: dict[str, Json], place: str) -> dict[str, Json]:
    found = Object(value, place, ("agent", "loggedintimeout", "loggedouttimeout"))
    times = {name: found.need(name, int) for name in ("loggedintimeout", "loggedouttimeout")}
    return {"agent": found.need("agent", str), **times}


def _skill(value: Json, place: str) -> dict[str, Json]:
    found = Object(value, place, ("name", "expiryafter"))
    expiry = found.take("expiryafter", int)
    return {"name": found.need("name", str)} | ({} if expiry is None else {"expiryafter": expiry})


def _registration(body: Json) -> Draft:
    found = Object(body, "", ("provider", "endpoint", "headers", "agentactionspermitted"))
    values: dict[str, Json] = {"provider": found.need("provider", str)}
    if endpoint := found.take("endpoint", str):
        values["endpoint"] = endpoint
    if (headers := found.take("headers", dict)) is not None:
        values["headers"] = {name: _text(value, f"headers.{name}") for name, value in headers.items()}
    if (permitted := found.take("agentactionspermitted", dict)) is not None:
        inner = Object(permitted, "agentactionspermitted", PERMISSIONS)
        values["agentactionspermitted"] = {name: _flag(inner, name) for name in inner.values}
    return Draft("register", registration_fields(values))


def _flag(found: Object, name: str) -> int:
    value = found.need(name, int)
    if value not in (0, 1):
        raise CannotExpress(gettext("“%(name)s” must be 0 or 1.") % {"name": found.at(name)})
    return value


def _text(value: Json, place: str) -> str:
    if not isinstance(value, str):
        raise CannotExpress(gettext("“%(name)s” must be text.") % {"name": place})
    return value
