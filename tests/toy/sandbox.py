"""The toy provider's part of the emulator."""

from __future__ import annotations

from providers.sandbox.types import Call, ReadyMade, Reply, json_reply
from providers.sandbox.world import World
from providers.types import Item

WORLD: ReadyMade = {
    "settings": {"base_url": "{url}"},
    "country": "US",
    "secrets": {"password": "beep"},
    "items": {"pager": [Item("ward-3", "Ward 3")]},
}


def handle(call: Call, world: World) -> Reply:
    if call.path == "/pagers":
        return json_reply(200, {"pagers": ["ward-3"]})
    refused = []
    for page in call.json():
        with world.lock:
            known = world.state("toy").setdefault("known", set())
            if page["text"] == "refuse me":
                refused.append(page["key"])
            elif page["key"] not in known:
                known.add(page["key"])
                world.ledger.effect(vendor="toy", kind="page", key=page["key"], recipients=[page["pager"]])
    return json_reply(200, {"refused": refused})
