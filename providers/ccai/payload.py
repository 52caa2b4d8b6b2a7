"""The request of CCAI Platform's outbound SMS, made from a command, and a command read back from its body. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from providers.errors import CannotExpress, NotConfigured
from providers.fields import read_number
from providers.types import Account, Command, Draft, Json, WireRequest

DEFAULT_DOMAIN = "uc1.ccaiplatform.com"
SMS, CHATS = "/apps/api/v1/sms", "/manager/api/v1/chats"
CHAT_TYPES = ("Messaging (SMS)", "Messaging (API)", "SMS")
"""The first stands in every example of the vendor; the others in its parameter table, where the last is deprecated."""
TEXTS = ("chat_type", "end_user_number", "outbound_number", "message", "ticket_id")
"""The properties that hold texts, in the order of the vendor's documentation; form fields have the same names."""
SPELLINGS = {
    "camel": {"agentId": "agentId", "agentEmail": "agentEmail"},
    "snake": {"agentId": "agent_id", "agentEmail": "agent_email"},
}
"""How an agent's properties are written: the API reference has the first, the SMS guide the second."""
AGENT_KEYS = {"agentId": "agentId", "agent_id": "agentId", "agentEmail": "agentEmail", "agent_email": "agentEmail"}


def suggest_key(reference: str) -> str:
    """The reference itself. It never travels: this API has no idempotency key."""
    return reference


def proves(key: str, reference: str) -> bool:
    """Whether the key is the reference itself. No answer of the vendor can be about it, so nothing rests on it."""
    return bool(reference) and key == reference


def base(account: Account) -> str:
    """The address in front of /apps and /manager. Raises NotConfigured."""
    if address := account.settings.get("base_url", ""):
        return address.rstrip("/")
    if subdomain := account.settings.get("subdomain", ""):
        return f"https://{subdomain}.{account.settings.get('domain') or DEFAULT_DOMAIN}"
    raise NotConfigured(_("The connection %(name)s has no subdomain.") % {"name": account.name})


def endpoints(account: Account) -> tuple[str, ...]:
    """The addresses that this account's requests go to."""
    return (base(account) + SMS, base(account) + CHATS)


def build(account: Account, commands: Sequence[Command]) -> WireRequest:
    """The request that sends the first command's text: one text is one call. Unset options are absent."""
    command = commands[0]
    spelling = SPELLINGS[account.settings.get("agent_keys") or "camel"]
    body = {name: command.values[name] for name in TEXTS if name in command.values}
    body |= {written: command.values[name] for name, written in spelling.items() if name in command.values}
    return WireRequest(
        method="POST",
        url=base(account) + SMS,
        headers=(("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(body, ensure_ascii=False).encode(),
        keys=(command.key,),
    )


def pack(account: Account, commands: Sequence[Command]) -> int:
    """One: the vendor's call carries one text."""
    return 1


def read(account: Account, body: Json, target: str) -> list[Draft]:
    """An outbound SMS body as form data; `target` may name its outbound number. Raises CannotExpress."""
    if not isinstance(body, Mapping):
        raise CannotExpress(_('The body of an outbound SMS is one JSON object, like {"message": "…"}.'))
    if unknown := sorted(set(body) - set(TEXTS) - set(AGENT_KEYS)):
        raise CannotExpress(_("An outbound SMS has no property named %(names)s.") % {"names": ", ".join(unknown)})
    fields: dict[str, Json] = {name: _text(body[name], name) for name in TEXTS if name in body}
    if target:
        _agree(fields.setdefault("outbound_number", target), target, account.country)
    if agents := [name for name in AGENT_KEYS if name in body]:
        fields["agent"] = _agent(agents, body)
    return [Draft("text", fields)]


def _text(value: Json, name: str) -> str:
    if not isinstance(value, str):
        raise CannotExpress(_("%(name)s must be a text in quotes; leave it out when it is not set.") % {"name": name}, name)
    if not value and name == "ticket_id":
        raise CannotExpress(_("ticket_id is empty; leave it out when it is not set."), name)
    return value


def _agree(stated: str, target: str, country: str) -> None:
    if plain(stated, country) != plain(target, country):
        raise CannotExpress(_("The body names another outbound number than the one given beside it."), "outbound_number")


def _agent(names: list[str], body: Mapping[str, Json]) -> str:
    """An agent's id or e-mail address as the form takes it."""
    if len(names) > 1:
        raise CannotExpress(
            _("Name the agent once, by ID or by e-mail address; the body has %(names)s.") % {"names": ", ".join(names)}, "agent"
        )
    value, kind = body[names[0]], AGENT_KEYS[names[0]]
    if kind == "agentId" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind == "agentEmail" and isinstance(value, str) and "@" in value:
        return value
    text = _("agentId must be a whole number without quotes, agentEmail an e-mail address in quotes.")
    raise CannotExpress(text, "agent")


def plain(number: str, country: str) -> str:
    """A telephone number in E.164, or as it stands when it is none."""
    try:
        return read_number(number, country)
    except ValidationError:
        return number
