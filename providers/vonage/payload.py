"""From commands to the exact request. Pure: no clock, no network, no settings but the account's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from providers.types import Account, Command, Json, WireRequest
from providers.vonage.access import api_address, token_address

MOST_BYTES = 100_000
"""Of one body. Source: Requests (Interactions API), "100 KB"; read as the smaller of its two meanings."""
MOST_COMMANDS = 50
"""In one call: a limit of our own; the vendor names none."""
HEADERS = (("Accept", "application/vnd.newvoicemedia.v1+json"), ("Content-Type", "application/json"))
INVOKE, REGISTER = "/interactions/invoke", "/interactions/register"
OURS = UUID("6f1b3c1e-6f0a-5d6b-9a55-7c1d0e7e9b52")
"""The name space of the request IDs that the desk makes."""


def suggest_key(reference: str) -> str:
    """The request ID of a dispatch: made from its reference alone, so that a repeat carries the same."""
    return str(uuid5(OURS, reference))


def proves(key: str, reference: str) -> bool:
    """Whether a request ID is the one made for that dispatch."""
    return key == suggest_key(reference)


def normal(request_id: str) -> str:
    """A request ID as two of them are compared: the vendor may change letter case."""
    return request_id.strip().casefold()


def build(account: Account, commands: Sequence[Command]) -> WireRequest:
    """One call for these commands: all of one registered provider, or a single registration. Raises NotConfigured."""
    path = REGISTER if commands[0].action == "register" else INVOKE
    keys = tuple(command.key for command in commands)
    return WireRequest("POST", api_address(account) + path, HEADERS, body(commands), keys)


def body(commands: Sequence[Command]) -> bytes:
    """The JSON of one call, as bytes."""
    first = commands[0]
    if first.action == "register":
        return _json(dict(first.values))
    provider = {"provider": first.values["provider"]} if "provider" in first.values else {}
    return _json({**provider, "requests": [interaction(command) for command in commands]})


def interaction(command: Command) -> dict[str, Json]:
    """One Interaction object in the vendor's order: action, requestid, then the rest. Its provider stands beside, not in it."""
    rest = {name: value for name, value in command.values.items() if name not in ("action", "provider")}
    return {"action": command.values["action"], "requestid": command.key, **rest}


def _json(value: Mapping[str, Json]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pack(account: Account, commands: Sequence[Command]) -> int:
    """How many of the leading commands fit one call: one provider, no request ID twice, at most 50, at most 100,000 bytes."""
    size, seen, count = len(body(commands[:1])), {normal(commands[0].key)}, 1
    for command in commands[1:MOST_COMMANDS]:
        size += 1 + len(_json(interaction(command))) if _go_together(commands[0], command) else MOST_BYTES
        if size > MOST_BYTES or normal(command.key) in seen:
            break
        seen.add(normal(command.key))
        count += 1
    return count


def _go_together(first: Command, other: Command) -> bool:
    return "register" not in (first.action, other.action) and first.values.get("provider") == other.values.get("provider")


def endpoints(account: Account) -> tuple[str, ...]:
    """Every address that this account's requests go to. Raises NotConfigured."""
    api = api_address(account)
    return (api + INVOKE, api + REGISTER, token_address(account))
