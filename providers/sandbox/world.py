"""What a vendor's part of the emulator sees: ledger, memory, clock and switches."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from providers.registry import PROVIDERS
from providers.sandbox.ledger import Ledger, Requests
from providers.sandbox.types import Call, ReadyMade, Reply
from providers.types import Json


class World:
    """Shared by all calls of all vendors. Hold `lock` while reading and changing `state`."""

    def __init__(self, ledger: Ledger, requests: Requests) -> None:
        self.lock = threading.RLock()
        self.ledger = ledger
        self._requests = requests
        self._states: dict[str, dict[str, Any]] = {}
        self._settings: dict[str, dict[str, Json]] = {}

    def state(self, vendor: str) -> dict[str, Any]:
        """What that vendor remembers; empty when the emulator starts."""
        with self.lock:
            return self._states.setdefault(vendor, {})

    def now(self) -> float:
        """Seconds since the epoch, moved by the setting `clock_shift` of `sandbox`."""
        return time.time() + float(self.setting("sandbox", "clock_shift", 0))

    def in_flight(self, vendor: str) -> int:
        """That vendor's calls under way, the one being handled included."""
        return self._requests.in_flight(vendor)

    def setting(self, vendor: str, name: str, default: Json) -> Json:
        """A switch of that vendor, like `sms_enabled`."""
        with self.lock:
            return self._settings.get(vendor, {}).get(name, default)

    def change(self, vendor: str, name: str, value: Json) -> None:
        """Set a switch; None brings the default back."""
        with self.lock:
            switches = self._settings.setdefault(vendor, {})
            if value is None:
                switches.pop(name, None)
            else:
                switches[name] = value


Handler = Callable[[Call, World], Reply]


def handlers() -> dict[str, Handler]:
    """The part of the emulator that each registered provider brings along, by the provider's key."""
    return {key: module.handle for key, module in _parts().items()}


def ready_made(url: str) -> dict[str, ReadyMade]:
    """The account that each of these vendors knows from the start, by the provider's key; `url` is the emulator's address."""
    return {key: _placed(module.WORLD, f"{url}/{key}") for key, module in _parts().items()}


def _placed(account: ReadyMade, address: str) -> ReadyMade:
    settings = {name: value.replace("{url}", address) for name, value in account["settings"].items()}
    return {**account, "settings": settings}


def _parts() -> Mapping[str, Any]:
    found = {}
    for key, provider in PROVIDERS.items():
        name = f"{sys.modules[provider.build.__module__].__package__}.sandbox"
        if importlib.util.find_spec(name):
            found[key] = importlib.import_module(name)
    return found
