"""The tokens of the emulated Acoustic Campaign: how long they live, when a new one is given, whom they let in."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from providers.sandbox.types import Call, Reply, json_reply
from providers.sandbox.world import World

VENDOR = "acoustic"
LIFE, SAME_TOKEN = 14_400, 10_800
"""Seconds that a token lives, and in which asking again gives the same one. Source: the vendor's OAuth pages."""
SECRETS = {
    "client_id": "sandbox-acoustic-client",
    "client_secret": "sandbox-acoustic-secret",
    "refresh_token": "sandbox-acoustic-refresh",
}


def give_token(call: Call, world: World) -> Reply:
    """Assumption: the statuses of errors and the check's order; the two error words are those of the vendor's own client."""
    try:
        form = call.form()
    except ValueError:
        form = {}
    if form.get("grant_type") != "refresh_token":
        return json_reply(400, {"error": "unsupported_grant_type", "error_description": "grant_type must be refresh_token"})
    valid = _valid_secrets(world)
    if not _same(form, valid, "client_id") or not _same(form, valid, "client_secret"):
        return json_reply(401, {"error": "invalid_client", "error_description": "Bad client credentials"})
    if not _same(form, valid, "refresh_token"):
        return json_reply(400, {"error": "invalid_token", "error_description": "Invalid refresh token"})
    with world.lock:
        token = _current_token(world, valid)
    left = int(token["issued"] + LIFE - world.now())
    body = {"access_token": token["value"], "token_type": "bearer", "refresh_token": form["refresh_token"], "expires_in": left}
    return json_reply(200, body)


def _current_token(world: World, valid: Mapping[str, str]) -> dict[str, Any]:
    """The token of these secrets: the same one in its first three hours, then a new one beside it."""
    tokens: list[dict[str, Any]] = world.state(VENDOR).setdefault("tokens", [])
    same = [token for token in tokens if token["secrets"] == valid and world.now() < token["issued"] + SAME_TOKEN]
    if same:
        return same[-1]
    issued = round(world.now(), 3)
    tokens.append({"value": _token_of(valid, issued), "issued": issued, "secrets": dict(valid)})
    return tokens[-1]


def _token_of(valid: Mapping[str, str], issued: float) -> str:
    """Made of what it proves, so that it is still known after a new start: a client may not ask for another one in three hours."""
    seal = hmac.new(repr(sorted(valid.items())).encode(), f"{issued:.3f}".encode(), "sha256").hexdigest()
    return f"{issued:.3f}-{seal[:32]}S1"


def _valid_secrets(world: World) -> dict[str, str]:
    return {name: world.setting(VENDOR, name, value) for name, value in SECRETS.items()}


def _same(form: Mapping[str, str], valid: Mapping[str, str], name: str) -> bool:
    return hmac.compare_digest(form.get(name, "").encode(), valid[name].encode())


def is_authenticated(call: Call, world: World) -> bool:
    """Whether a call carries a token that is alive and was given for the secrets that are valid now."""
    kind, _, value = call.header("Authorization").partition(" ")
    try:
        issued = float(value.partition("-")[0])
    except ValueError:
        return False
    same = hmac.compare_digest(_token_of(_valid_secrets(world), issued).encode(), value.encode())
    return kind.lower() == "bearer" and same and world.now() < issued + LIFE
