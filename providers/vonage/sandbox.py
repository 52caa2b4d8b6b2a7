"""Vonage Contact Center in the emulator: tokens, invoke and register as the vendor documents them.

What the vendor does not document is marked "Assumption:". Switches (settings of `vonage`):

`client_secret`          the secret that is valid now
`token_seconds`          how long a token lives (7,200)
`token_generation`       any value; changing it kills every token that was given before
`invalid_client_status`  what a wrong id or secret gets: 400 (as default) or 401
`access`                 whether tokens of this account are let in (true); otherwise 403
`rate`                   calls a minute before a 429; 0 (as default) for any number
`retry_after`            the Retry-After of a 429; empty (as default) for none
`most_bytes`             the largest body (100,000)
`faulty_interaction`     an interaction that breaks the documented form: `refused` (the call gets a 400, as default) or `failed`
`unknown_provider`, `unknown_route`, `unknown_skill`, `unknown_agent`, `unknown_release`
                         `failed` (listed, as default), `refused` (the call gets a 400) or `accepted`
`duplicate`              a request ID seen before: `accepted` (not listed, as default) or `failed` (listed)
`register_status`        what a registration is answered with (200)
"""

from __future__ import annotations

import base64
import re
import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from providers.sandbox.types import Call, Reply, json_reply
from providers.sandbox.world import World
from providers.types import Json
from providers.vonage.sandbox_plans import AGENTS, PROVIDERS, READER_ID, ROUTES, SKILLS, WORLD, run
from providers.vonage.sandbox_schema import folded, interaction_fault, invocation_fault, registration_fault

__all__ = ["WORLD", "handle"]

VENDOR = "vonage"
SCOPES = frozenset({"interactions:write", "agents-availability:read", "users:read", "interaction-content:read", "stats"})
SUPERVISOR_SCOPES = frozenset({"users:read", "interaction-content:read"})
"""What the credential of a supervisor may be given. Source: API Credentials."""
ACCEPT = re.compile(r"application/vnd\.newvoicemedia\.v1\+json", re.IGNORECASE)


def handle(call: Call, world: World) -> Reply:
    """The vendor's answer to one call. Paths count in any letter case, as the vendor's pages write both."""
    path = call.path.lower()
    if path not in ("/auth/connect/token", "/interactions/invoke", "/interactions/register"):
        return json_reply(404, {"message": "no Route matched with those values"})  # Assumption: status and body.
    if call.method != "POST":
        return json_reply(405, {"message": "Method Not Allowed"})  # Assumption: status and body.
    if path == "/auth/connect/token":
        return _token(call, world)
    if refusal := _refused(call, world):
        return refusal
    with world.lock:
        return _invoke(call, world) if path == "/interactions/invoke" else _register(call, world)


def _switch(world: World, name: str, default: Json) -> Any:
    return world.setting(VENDOR, name, default)


# --- tokens -------------------------------------------------------------------------------------


def _token(call: Call, world: World) -> Reply:
    try:
        form = call.form() if call.header("Content-Type").lower().startswith("application/x-www-form-urlencoded") else {}
    except ValueError:
        form = {}
    scopes = frozenset(form.get("scope", "").split())
    client = _client(call, form, world)
    # Assumption: the order of the checks.
    if form.get("grant_type") != "client_credentials":
        return _token_error(400, "unsupported_grant_type", "Invalid grant_type")
    if not scopes:
        return _token_error(400, "invalid_scope", "You must specify a scope")
    if not client:
        return json_reply(int(_switch(world, "invalid_client_status", 400)), {"error": "invalid_client"})
    allowed = SUPERVISOR_SCOPES if client == READER_ID else SCOPES
    if unknown := sorted(scopes - allowed):  # Assumption: a scope that was not granted is answered like one that does not exist.
        return _token_error(400, "invalid_scope", f'"{unknown[0]}" is an invalid scope')
    return json_reply(200, _new_token(scopes, world), (("Cache-Control", "no-store"),))


def _token_error(status: int, error: str, description: str) -> Reply:
    return json_reply(status, {"error": error, "error_description": description})


def _client(call: Call, form: Mapping[str, str], world: World) -> str:
    """The client id when id and secret are right, from the form or as HTTP Basic; otherwise empty."""
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    kind, _, encoded = call.header("Authorization").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return ""
        given = (name, password)
    secret = _switch(world, "client_secret", WORLD["secrets"]["client_secret"])
    return given[0] if given in {(WORLD["secrets"]["client_id"], secret), (READER_ID, secret)} else ""


def _new_token(scopes: frozenset[str], world: World) -> dict[str, Json]:
    seconds = int(_switch(world, "token_seconds", 7_200))
    token = secrets.token_hex(16)
    with world.lock:
        tokens = world.state(VENDOR).setdefault("tokens", {})
        tokens[token] = (world.now() + seconds, scopes, _switch(world, "token_generation", 0))
    return {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}


# --- what comes before the body is read ---------------------------------------------------------


def _refused(call: Call, world: World) -> Reply | None:
    """Assumption: the order is access, pace, size, headers."""
    if refusal := _no_access(call, world):
        return refusal
    if not _in_pace(world):
        waits = str(_switch(world, "retry_after", ""))  # Assumption: the body, and that no Retry-After is sent.
        return json_reply(429, {"message": "API rate limit exceeded"}, (("Retry-After", waits),) if waits else ())
    if len(call.body) > int(_switch(world, "most_bytes", 100_000)):
        if call.header("Expect").lower() == "100-continue":  # Assumption: that this header makes the difference.
            return json_reply(417, {"message": "Request size limit exceeded"})
        return json_reply(413, {"message": "Payload Too Large"})
    if not ACCEPT.search(call.header("Accept")):
        return _bad_request("Invalid Accept header!" if call.header("Accept") else "Missing Accept header!")  # Assumption: the words.
    if not call.header("Content-Type").lower().startswith("application/json"):
        return _bad_request("The Content-Type must be application/json.")  # Assumption: status and words.
    return None


def _bad_request(words: str) -> Reply:
    """Assumption: the form of the body."""
    return json_reply(400, {"statusCode": 400, "error": "Bad Request", "message": words})


def _no_access(call: Call, world: World) -> Reply | None:
    """Assumption: the bodies are those of the Webhooks API on the same host."""
    kind, _, token = call.header("Authorization").partition(" ")
    if kind.lower() != "bearer" or not token:
        body = {"error_description": "The access token is missing", "error": "invalid_request"}
        return json_reply(401, body, (("WWW-Authenticate", 'Bearer realm="service"'),))
    with world.lock:
        expires, scopes, generation = world.state(VENDOR).get("tokens", {}).get(token.strip(), (0.0, frozenset(), 0))
    if expires <= world.now() or generation != _switch(world, "token_generation", 0):
        return json_reply(401, {"error_description": "The access token is invalid or has expired", "error": "invalid_token"})
    if "interactions:write" not in scopes or not _switch(world, "access", True):
        return json_reply(403, {"message": "You cannot consume this service"})
    return None


def _in_pace(world: World) -> bool:
    """Assumption: a sliding window of a minute."""
    most, now = int(_switch(world, "rate", 0)), world.now()
    with world.lock:
        recent: deque[float] = world.state(VENDOR).setdefault("recent", deque())
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if most and len(recent) >= most:
            return False
        recent.append(now)
        return True


# --- register -----------------------------------------------------------------------------------


def _register(call: Call, world: World) -> Reply:
    try:
        body = call.json()
        body = {str(name).lower(): value for name, value in body.items()} if isinstance(body, dict) else body
        fault = registration_fault(body)
    except (ValueError, RecursionError):
        fault = "The request is malformed."
    if fault:
        return _bad_request(fault)
    _memory(world)["providers"].add(body["provider"])
    detail = {
        "endpoint": body.get("endpoint", ""),
        "headers": sorted(body.get("headers", {})),
        "agentactionspermitted": body.get("agentactionspermitted", {}),
    }
    world.ledger.effect(vendor=VENDOR, kind="register", key=body["provider"], detail=detail)
    return Reply(int(_switch(world, "register_status", 200)))  # Assumption: status and empty body.


# --- invoke -------------------------------------------------------------------------------------


def _memory(world: World) -> dict[str, Any]:
    """Request IDs seen, interactions that can be released, providers registered: those of earlier runs too, from the ledger."""
    state = world.state(VENDOR)
    if "seen" not in state:
        state |= {"seen": set(), "open": {}, "providers": set(PROVIDERS)}
        for effect in world.ledger.effects(VENDOR):
            if effect.kind == "register":
                state["providers"].add(effect.key)
            else:
                _remember(state, effect.key, effect.kind, effect.detail)
    return state


def _remember(state: dict[str, Any], key: str, kind: str, detail: Mapping[str, Json]) -> None:
    if key:
        state["seen"].add(key)
    if kind == "release":
        state["open"].pop(detail["externalid"], None)
    elif kind == "interaction" and (external := detail.get("externalid")):
        state["open"][external] = detail.get("provider", "")  # Assumption: an external ID that is used again names the newer one.


def _invoke(call: Call, world: World) -> Reply:
    try:
        body = folded(call.json())
    except (ValueError, RecursionError):
        return _bad_request("The request is malformed.")
    strict = _switch(world, "faulty_interaction", "refused") == "refused"
    if fault := invocation_fault(body if strict or not isinstance(body, dict) else _outside(body)):
        return _bad_request(fault)
    provider = body.get("provider", "")
    rulings = [_judge(item, provider, world) for item in body["requests"]]
    if "refused" in rulings:
        return _bad_request("A required field is missing.")
    failed = []
    for item, ruling in zip(body["requests"], rulings, strict=True):
        key = item.get("requestid", "") if isinstance(item, dict) else ""
        if ruling == "failed" or not _carry_out(item, provider, world):
            failed += [key] * bool(key)  # Assumption: without a request ID a failure cannot be reported.
    return json_reply(200, failed)


def _outside(body: Mapping[str, Json]) -> dict[str, Json]:
    """The body with its interactions left out of the judgement."""
    requests = [{"route": "any"} for _item in body["requests"]] if isinstance(body.get("requests"), list) else body.get("requests")
    return {**body, "requests": requests}


def _judge(item: Json, provider: str, world: World) -> str:
    """What becomes of an interaction before it is carried out: `failed`, `refused`, or empty for nothing against it."""
    if interaction_fault(item):
        return "failed"
    rulings = [str(_switch(world, name, "failed")) for name in _unknown(item, provider, world)]
    return "refused" if "refused" in rulings else "failed" if "failed" in rulings else ""


def _unknown(item: Mapping[str, Json], provider: str, world: World) -> Iterator[str]:
    """Which switches say what becomes of this interaction. Assumption: VCC checks these names when it is called."""
    if provider and provider not in _memory(world)["providers"]:
        yield "unknown_provider"
    if item.get("action", "dispatch").lower() == "release":
        return
    if item["route"] not in ROUTES:
        yield "unknown_route"
    routing = item.get("routingdata", {})
    if any(skill["name"].casefold() not in SKILLS for skill in routing.get("skills", [])):
        yield "unknown_skill"
    if routing.get("personalqueue", {}).get("agent", "AgentUsername").casefold() not in AGENTS:
        yield "unknown_agent"


def _carry_out(item: Mapping[str, Json], provider: str, world: World) -> bool:
    """Do what the interaction asks, once for each request ID; whether it counts as done."""
    memory, key = _memory(world), item.get("requestid", "")
    if key in memory["seen"]:
        return bool(_switch(world, "duplicate", "accepted") == "accepted")  # Assumption: how a duplicate is answered.
    if item.get("action", "dispatch").lower() == "release":
        return _release(item, provider, world)
    sms = run(item["route"], item.get("linkeddata", []))
    detail = {name: item[name] for name in ("externalid", "route", "linkeddata", "routingdata") if name in item}
    detail |= {"provider": provider} if provider else {}
    detail |= {"words": sms.words} if sms else {}
    kind = "sms" if sms else "interaction"
    _remember(memory, key, kind, detail)
    world.ledger.effect(vendor=VENDOR, kind=kind, key=key, recipients=sms.recipients if sms else (), detail=detail)
    return True


def _release(item: Mapping[str, Json], provider: str, world: World) -> bool:
    """Release an interaction. Documented: the provider is mandatory when it was dispatched with one."""
    memory, external = _memory(world), item["externalid"]
    if memory["open"].get(external) not in (provider, "") and _switch(world, "unknown_release", "failed") != "accepted":
        return False  # Assumption: that it is listed as failed.
    detail = {"externalid": external} | ({"provider": provider} if provider else {})
    _remember(memory, item.get("requestid", ""), "release", detail)
    world.ledger.effect(vendor=VENDOR, kind="release", key=item.get("requestid", ""), detail=detail)
    return True
