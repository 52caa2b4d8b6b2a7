"""The emulator's own addresses under `/_sandbox/`: ledger, requests, faults and switches for other processes."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from typing import TYPE_CHECKING

from providers.sandbox.faults import Fault, Kind
from providers.sandbox.ledger import Recorded
from providers.sandbox.types import Call, Reply, json_reply, text_reply
from providers.types import Json

if TYPE_CHECKING:
    from providers.sandbox.server import Sandbox

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def control(box: Sandbox, call: Call) -> Reply:
    """Answer a request to the emulator itself. `call.path` is the whole path."""
    if call.header("Host").rpartition(":")[0] not in LOOPBACK_NAMES:
        return text_reply(403, "The sandbox is for this machine only.")
    routes = {
        ("GET", "/_sandbox/"): _about,
        ("GET", "/_sandbox/ledger"): _ledger,
        ("GET", "/_sandbox/requests"): _requests,
        ("GET", "/_sandbox/faults"): _faults,
        ("POST", "/_sandbox/faults"): _add_fault,
        ("DELETE", "/_sandbox/faults"): _clear_faults,
        ("PUT", "/_sandbox/settings"): _settings,
    }
    answer = routes.get((call.method, call.path))
    if answer is None:
        return text_reply(404, "Known here: " + ", ".join(f"{method} {path}" for method, path in routes))
    try:
        return answer(box, call)
    except (ValueError, TypeError, AttributeError) as error:
        return text_reply(400, f"This cannot be read: {error}")


def fault_from(values: dict[str, Json]) -> Fault:
    """A fault from JSON: the fields by name, `headers` as an object, `body` as text or `body_base64`. Raises ValueError or TypeError."""
    values = dict(values)
    kind = Kind(values.pop("kind", ""))
    headers = tuple((str(name), str(value)) for name, value in dict(values.pop("headers", {})).items())
    body = str(values.pop("body", "")).encode()
    try:
        body = base64.b64decode(values.pop("body_base64", ""), validate=True) or body
    except binascii.Error as error:
        raise ValueError("body_base64 is not base64.") from error
    return Fault(kind=kind, headers=headers, body=body, **values)


def _about(box: Sandbox, call: Call) -> Reply:
    return json_reply(200, {"vendors": sorted(box.handlers)})


def _ledger(box: Sandbox, call: Call) -> Reply:
    found = box.ledger.effects(call.query.get("vendor", ""), kind=call.query.get("kind", ""), key=call.query.get("key", ""))
    return json_reply(200, {"effects": [asdict(effect) for effect in found]})


def _requests(box: Sandbox, call: Call) -> Reply:
    vendor, path = call.query.get("vendor", ""), call.query.get("path", "*")
    counters = {key: asdict(box.counters(key, path)) for key in box.handlers if vendor in ("", key)}
    return json_reply(200, {"requests": [_recorded(record) for record in box.requests(vendor, path)], "counters": counters})


def _recorded(record: Recorded) -> Json:
    values = asdict(record)
    values["call"]["body"] = record.call.body.decode(errors="replace")
    return values


def _faults(box: Sandbox, call: Call) -> Reply:
    shown = [asdict(fault) | {"body": fault.body.decode(errors="replace"), "headers": dict(fault.headers)} for fault in box.faults.all()]
    return json_reply(200, {"faults": shown})


def _add_fault(box: Sandbox, call: Call) -> Reply:
    box.faults.add(fault_from(call.json()))
    return Reply(204)


def _clear_faults(box: Sandbox, call: Call) -> Reply:
    box.faults.clear()
    return Reply(204)


def _settings(box: Sandbox, call: Call) -> Reply:
    for vendor, switches in call.json().items():
        for name, value in switches.items():
            box.world.change(vendor, name, value)
    return Reply(204)
