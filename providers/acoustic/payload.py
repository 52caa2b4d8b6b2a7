"""The requests of Acoustic Campaign, made from commands, and commands read back from its bodies. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from django.utils.translation import gettext as _

from providers.errors import CannotExpress, NotConfigured
from providers.types import Account, Command, Draft, Json, WireRequest

PODS = {
    "1": "api-campaign-us-1",
    "2": "api-campaign-us-2",
    "3": "api-campaign-us-3",
    "4": "api-campaign-us-4",
    "5": "api-campaign-us-5",
    "6": "api-campaign-eu-1",
    "7": "api-campaign-ap-2",
    "8": "api-campaign-ca-1",
    "9": "api-campaign-us-6",
    "a": "api-campaign-ap-1",
    "b": "api-campaign-ap-3",
}
"""Host names by pod, all under goacoustic.com. Source: the vendor's REST API overview."""

TEXTS = {
    "messageName": "message_name",
    "externalSystemName": "external_system_name",
    "externalSystemReferenceId": "external_system_reference_id",
    "scheduledDate": "scheduled_date",
    "folder": "folder",
}
"""Form fields by the vendor's properties that hold texts."""
NUMBERS = {"contactSourceId": "contact_source", "preBlockingHours": "pre_blocking_hours"}
"""Form fields by the vendor's properties that hold whole numbers."""
ORDER = (
    "contactSourceId",
    "externalSystemName",
    "externalSystemReferenceId",
    "messageName",
    "scheduledDate",
    "preBlockingHours",
    "folder",
)
"""The properties in the order of the vendor's documentation."""
SPELLED = {name.lower(): name for name in ORDER}
"""The properties as they are sent, by their names in small letters: the vendor's page also writes ContactSourceId."""
RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})")
"""A pasted moment; other programs leave the colon out of the offset, which is sent with it."""


def suggest_name(reference: str) -> str:
    """The message name that belongs to a dispatch's reference, in which it ends."""
    return f"Desk {reference}"


def proves(name: str, reference: str) -> bool:
    """Whether nobody else can have used this name, so that "already exists" is about our own earlier attempt."""
    return bool(reference) and name.endswith(reference)


def base(account: Account) -> str:
    """The address in front of /rest and /oauth/token. Raises NotConfigured."""
    pod = account.settings.get("pod", "")
    if pod in PODS:
        return f"https://{PODS[pod]}.goacoustic.com"
    if pod == "custom" and (address := account.settings.get("base_url", "")):
        return address.rstrip("/")
    raise NotConfigured(_("The connection %(name)s has no pod and no base address.") % {"name": account.name})


def endpoints(account: Account) -> tuple[str, ...]:
    """The two addresses that this account's requests and tokens go to."""
    return (f"{base(account)}/rest", f"{base(account)}/oauth/token")


def build(account: Account, commands: Sequence[Command]) -> WireRequest:
    """The request that starts the send job of the first command: one job is one call. Unset options are absent."""
    command = commands[0]
    values = {**command.values, "messageName": command.key}
    body = {name: values[name] for name in ORDER if name in values}
    return WireRequest(
        method="POST",
        url=f"{base(account)}/rest/channels/sms/publishedmessages/{quote(str(values['publishedMessageId']), safe='')}/sendjobs",
        headers=(("Content-Type", "application/json"), ("Accept", "application/json")),
        body=json.dumps(body, ensure_ascii=False).encode(),
        keys=(command.key,),
    )


def pack(account: Account, commands: Sequence[Command]) -> int:
    """One: the vendor's call carries one send job."""
    return 1


def read(account: Account, body: Json, target: str) -> list[Draft]:
    """A send job's body, for the published message that `target` names, as form data; open when it is empty. Raises CannotExpress."""
    if not isinstance(body, Mapping):
        raise CannotExpress(_('A send job\'s body is one JSON object, like {"messageName": "…"}.'))
    body = _spelled(body)
    fields: dict[str, Json] = {"message": target} if target else {}
    fields |= {field: _text(body[name], name, field) for name, field in TEXTS.items() if name in body}
    fields |= {field: _number(body[name], name, field) for name, field in NUMBERS.items() if name in body}
    if "scheduledDate" in body and not RFC3339.fullmatch(body["scheduledDate"]):
        text = _("scheduledDate must be written like 1970-01-01T00:00:00.000+00:00, with an offset.")
        raise CannotExpress(text, "scheduled_date")
    return [Draft("send", fields)]


def _spelled(body: Mapping[str, Json]) -> dict[str, Json]:
    """The properties under the names that are sent, whatever their letter case in the body."""
    if unknown := sorted(name for name in body if name.lower() not in SPELLED):
        raise CannotExpress(_("A send job has no property named %(names)s.") % {"names": ", ".join(unknown)})
    properties = {SPELLED[name.lower()]: value for name, value in body.items()}
    if len(properties) < len(body):
        raise CannotExpress(_("A property stands there twice; letter case makes no difference."))
    return properties


def _text(value: Json, name: str, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise CannotExpress(_("%(name)s must be a text that is not empty; leave it out when it is not set.") % {"name": name}, field)
    return value


def _number(value: Json, name: str, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CannotExpress(_("%(name)s must be a whole number without quotes; leave it out when it is not set.") % {"name": name}, field)
    return str(value)
