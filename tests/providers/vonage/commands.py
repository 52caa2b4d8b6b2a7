"""Commands as the forms make them, without a form."""

from __future__ import annotations

from providers.types import Command


def dispatch(number: int = 0, *, provider: str = "", key: str = "", text: str = "Hello!") -> Command:
    values = {"provider": provider} if provider else {}
    linked = [{"type": "interactionproperty", "key": "Message", "value": text}]
    return Command("sms", key or f"id-{number}", {**values, "action": "dispatch", "route": "SendSMS", "linkeddata": linked})


def release(key: str, provider: str = "") -> Command:
    return Command("release", key, {**({"provider": provider} if provider else {}), "action": "release", "externalid": "x"})


def register(key: str) -> Command:
    return Command("register", key, {"provider": "Crm", "agentactionspermitted": {"release": 1}})
