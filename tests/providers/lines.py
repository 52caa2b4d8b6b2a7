"""An account's line to the sandbox: real requests over real sockets, as the worker sends them, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.auth import MemoryTokenStore, authorization
from providers.base import Probe
from providers.fields import FormContext, HeldCatalogue, flat
from providers.http import Transport
from providers.outbound import Policy
from providers.registry import provider
from providers.sandbox.server import Sandbox
from providers.sandbox.world import ready_made
from providers.types import Account, Answer, Command, Outcome, Reading, Secrets, WireRequest


class Line:
    """The sandbox's ready-made account of one provider."""

    def __init__(self, box: Sandbox, key: str) -> None:
        ready = ready_made(box.url)[key]
        self.box, self.provider, self.items = box, provider(key), ready["items"]
        self.account = Account(key, f"{key}-sandbox", ready["settings"], ready["country"])
        self.secrets = Secrets(dict(ready["secrets"]))
        self.store = MemoryTokenStore()
        self.transport = self.new_transport()

    @property
    def probe(self) -> Probe:
        """The provider's call that proves access."""
        assert self.provider.probe
        return self.provider.probe

    def new_transport(self) -> Transport:
        """A transport for one more thread."""
        return Transport(Policy(self.provider.hosts, loopback=True), deadline=60, answer_limit=1_000_000)

    def command(self, action: str, fields: Mapping[str, Any], reference: str = "k7m2p9q4xz") -> Command:
        """The command of a form that must be valid."""
        now = datetime.fromtimestamp(self.box.world.now(), UTC)
        context = FormContext(self.account, reference, "UTC", now, HeldCatalogue(self.items))
        form = self.provider.action(action).form(flat(fields), context=context)
        assert form.is_valid(), form.errors
        return self.provider.action(action).command(form)

    def exchange(self, request: WireRequest, transport: Transport | None = None) -> Answer:
        """The answer to a request, made with this account's access."""
        carrier, now = transport or self.transport, self.box.world.now()
        header = authorization(self.provider, self.account, self.secrets, self.store, carrier, now=now)
        return carrier.exchange(request, authorization=header)

    def send(self, command: Command) -> Reading:
        """What the answer to a command means."""
        request = self.provider.build(self.account, [command])
        return self.provider.parse(self.exchange(request), request)

    def outcome(self, command: Command) -> Outcome:
        """What became of a command."""
        return self.send(command).outcomes[command.key]

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
