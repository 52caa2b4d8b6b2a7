"""A connection to the emulated VCC: requests are built, authorised, sent and read by the product's own code."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from providers.auth import MemoryTokenStore, authorization
from providers.http import Transport
from providers.outbound import Policy
from providers.sandbox.server import Sandbox
from providers.sandbox.world import ready_made
from providers.types import Account, Answer, Command, Reading, Secrets, Verdict, WireRequest
from providers.vonage import PROVIDER
from providers.vonage.payload import HEADERS
from providers.vonage.sandbox_plans import WORLD

SECRETS = Secrets(WORLD["secrets"])
TEXT = [{"type": "interactionproperty", "key": key, "value": value} for key, value in (("ToNum", "07700936658"), ("Message", "Hello!"))]


class Desk:
    """A connection to the sandbox's account, used as the worker uses one."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.account = Account("vonage", "vcc", dict(ready_made(box.url)["vonage"]["settings"]), "GB")
        self.transport = Transport(Policy(PROVIDER.hosts, loopback=True), deadline=60, answer_limit=1_000_000)
        self.store = MemoryTokenStore()

    def bearer(self) -> str:
        return authorization(PROVIDER, self.account, SECRETS, self.store, self.transport, now=self.box.world.now())

    def send(self, *commands: Command) -> Reading:
        request = PROVIDER.build(self.account, commands)
        return PROVIDER.parse(self.transport.exchange(request, authorization=self.bearer()), request)

    def post(self, path: str, body: object, *, bearer: str | None = None, **headers: str) -> Answer:
        """A request made by hand; an empty header is left out."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.lower().replace("-", "_"): value for name, value in HEADERS} | headers
        pairs = tuple((name.replace("_", "-"), value) for name, value in named.items() if value)
        request = WireRequest("POST", self.box.address("vonage") + path, pairs, content)
        return self.transport.exchange(request, authorization=self.bearer() if bearer is None else bearer)

    def invoke(self, *requests: dict[str, Any], **top: Any) -> Any:
        answer = self.post("/interactions/invoke", {"requests": list(requests), **top})
        return json.loads(answer.body) if answer.status == 200 else answer.status

    def token(self, **form: str) -> tuple[int, Any]:
        whole = {"grant_type": "client_credentials", "scope": "interactions:write", **WORLD["secrets"], **form}
        body = urlencode({name: value for name, value in whole.items() if value}).encode()
        answer = self.post("/Auth/connect/token", body, bearer="", content_type="application/x-www-form-urlencoded")
        return answer.status, json.loads(answer.body)

    def change(self, name: str, value: Any) -> None:
        self.box.world.change("vonage", name, value)

    def effects(self, kind: str = "") -> list[str]:
        return [effect.key for effect in self.box.ledger.effects("vonage", kind=kind)]


def verdicts(reading: Reading) -> dict[str, Verdict]:
    return {key: outcome.verdict for key, outcome in reading.outcomes.items()}


def request(key: str = "1", **properties: Any) -> dict[str, Any]:
    return {"requestid": key, "route": "APIRouting", **properties}
