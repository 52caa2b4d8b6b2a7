"""An Interaction object's properties: from clean form data to the vendor's JSON, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from providers.types import Json

LABELS = ("name", "clid", "mediatype")
"""The linkeddata items that have only a value, each at most 50 characters."""
MOST_LABEL = 50
PROPERTY = "property:"
"""The beginning of the form fields that a named route declares."""
MANDATORY, EXPIRES, OPTIONAL = "mandatory", "expires", "optional"


def present(values: Mapping[str, Json]) -> dict[str, Json]:
    """What was set: an option that was not set is absent, never null."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


# --- to the vendor's JSON -----------------------------------------------------------------------


def dispatch(cleaned: Mapping[str, Json]) -> dict[str, Json]:
    """The properties of a dispatch, in the order of the vendor's full example (which puts personalqueue before skills)."""
    return present(
        {
            "provider": cleaned.get("provider"),
            "action": "dispatch",
            "externalid": cleaned.get("externalid"),
            "route": cleaned["route"],
            "linkeddata": list(linked(cleaned)),
            "routingdata": routing(cleaned),
        }
    )


def release(cleaned: Mapping[str, Json]) -> dict[str, Json]:
    """The properties of a release."""
    return present({"provider": cleaned.get("provider"), "action": "release", "externalid": cleaned["externalid"]})


def linked(cleaned: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """The linkeddata items in the order of the vendor's example: clid, url, name, mediatype, then the plan's properties."""
    if clid := cleaned.get("clid"):
        yield {"type": "clid", "value": clid}
    if label := cleaned.get("url_label"):
        yield present({"type": "url", "label": label, "value": cleaned.get("url")})
    for kind in ("name", "mediatype"):
        if value := cleaned.get(kind):
            yield {"type": kind, "value": value}
    for key, value in properties(cleaned):
        yield {"type": "interactionproperty", "key": key, "value": value}


def properties(cleaned: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """The plan's properties that hold something: those the route declares, then the further ones."""
    for name, value in cleaned.items():
        if name.startswith(PROPERTY) and value:
            yield name.removeprefix(PROPERTY), value
    for row in cleaned.get("extra", ()):
        yield row["key"], row["value"]


def routing(cleaned: Mapping[str, Json]) -> dict[str, Json]:
    """The routingdata object; empty when nothing in it was set."""
    queue = {name: cleaned.get(name) for name in ("agent", "loggedintimeout", "loggedouttimeout")}
    return present(
        {
            "interactiontype": cleaned.get("interactiontype"),
            "personalqueue": queue if queue["agent"] else None,
            "skills": [skill(row) for row in cleaned.get("skills", ())],
        }
    )


def skill(row: Mapping[str, Json]) -> dict[str, Json]:
    """A skill: without expiryafter it is mandatory, with 0 it is optional (seed 001)."""
    if row["mode"] == MANDATORY:
        return {"name": row["name"]}
    return {"name": row["name"], "expiryafter": row["seconds"] if row["mode"] == EXPIRES else 0}


# --- and back -----------------------------------------------------------------------------------


def fields(values: Mapping[str, Json]) -> dict[str, Json]:
    """The form data that makes these properties again."""
    routing: Mapping[str, Json] = values.get("routingdata", {})
    plain = {name: values.get(name) for name in ("route", "provider", "externalid")}
    skills = [skill_row(item) for item in routing.get("skills", ())]
    queue = routing.get("personalqueue", {})
    return present(
        {
            **plain,
            **linked_fields(values.get("linkeddata", ())),
            "interactiontype": routing.get("interactiontype"),
            "skills": skills,
            **queue,
        }
    )


def linked_fields(items: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """The form data of linkeddata items; every property of the plan as a further one, whether its route declares it or not."""
    found: dict[str, Json] = {item["type"]: item["value"] for item in items if item["type"] in LABELS}
    for item in items:
        if item["type"] == "url":
            found |= {"url_label": item["label"], "url": item.get("value")}
    found["extra"] = [{"key": item["key"], "value": item["value"]} for item in items if item["type"] == "interactionproperty"]
    return found


def skill_row(item: Mapping[str, Json]) -> dict[str, Json]:
    """The row that makes this skill."""
    expiry = item.get("expiryafter")
    if expiry is None:
        return {"name": item["name"], "mode": MANDATORY}
    return {"name": item["name"], "mode": EXPIRES, "seconds": expiry} if expiry else {"name": item["name"], "mode": OPTIONAL}
