"""What can be asked of Acoustic Campaign: start a send job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import dateformat
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from providers.acoustic.forms import SendForm
from providers.acoustic.payload import NUMBERS, TEXTS
from providers.base import Action, Naming, by_key
from providers.fields import ActionForm
from providers.types import Command, Json, Summary


def command(form: ActionForm) -> Command:
    """The command of a valid form; what is not set is absent."""
    cleaned = form.cleaned_data
    values: dict[str, Json] = {"publishedMessageId": cleaned["message"]}
    if cleaned["contact_source"]:
        values["contactSourceId"] = int(cleaned["contact_source"])
    for name in ("externalSystemName", "externalSystemReferenceId", "folder"):
        if text := cleaned[TEXTS[name]]:
            values[name] = text
    if moment := cleaned["scheduled_date"]:
        values["scheduledDate"] = moment.isoformat(timespec="milliseconds")
    if cleaned["pre_blocking_hours"] is not None:
        values["preBlockingHours"] = cleaned["pre_blocking_hours"]
    return Command(action="send", key=cleaned["message_name"], values=values)


def fields(command: Command) -> Mapping[str, Json]:
    """The form data that makes the same command again, without its message name."""
    values = command.values
    texts = {field: values[name] for name, field in TEXTS.items() if name in values}
    numbers = {field: str(values[name]) for name, field in NUMBERS.items() if name in values}
    return {"message": values["publishedMessageId"], **texts, **numbers}


def summarise(command: Command) -> Summary:
    """The send job in words: audience and time named."""
    values = command.values
    references = [("message_name", command.key), ("published_message", str(values["publishedMessageId"]))]
    if "externalSystemReferenceId" in values:
        references.append(("external_id", str(values["externalSystemReferenceId"])))
    return Summary(
        target=str(values["publishedMessageId"]),
        detail=f"{command.key} · {_audience(values)}",
        sentence=spoken(command, by_key),
        references=tuple(references),
    )


def spoken(command: Command, called: Naming) -> str:
    """The send job as a sentence, message and audience by the names that the catalogue gives them."""
    values = command.values
    named = {
        "message": called("message", str(values["publishedMessageId"])),
        "name": command.key,
        "audience": ", ".join(filter(None, (_audience(values, called), _time(values)))),
    }
    return gettext("Send the published message %(message)s to everybody in %(audience)s, as “%(name)s”.") % named


def _audience(values: Mapping[str, Json], called: Naming = by_key) -> str:
    if "contactSourceId" in values:
        return gettext("contact source %(id)s") % {"id": called("source", str(values["contactSourceId"]))}
    return gettext("the message’s own contact source")


def _time(values: Mapping[str, Json]) -> str:
    """When Acoustic sends, as far as the job says it; empty where it says nothing."""
    said = []
    if "scheduledDate" in values:
        moment = datetime.fromisoformat(values["scheduledDate"])
        said.append(gettext("on %(date)s UTC") % {"date": dateformat.format(moment, "j F Y, H:i:s" if moment.second else "j F Y, H:i")})
    if hours := values.get("preBlockingHours"):
        said.append(ngettext("with %(hours)s hour of pre-blocking", "with %(hours)s hours of pre-blocking", hours) % {"hours": hours})
    return " ".join(said)


def latest(command: Command) -> datetime | None:
    """The scheduled date: after it, no repeat of this job may leave by itself."""
    moment = command.values.get("scheduledDate")
    return datetime.fromisoformat(moment) if moment else None


SEND = Action(
    key="send",
    label=_("Send a published message"),
    purpose=_("Text everybody in a contact source with an SMS message that is published in Acoustic Campaign."),
    icon="megaphone",
    form=SendForm,
    command=command,
    fields=fields,
    summarise=summarise,
    spoken=spoken,
    target_kind="message",
    target_field="message",
    reaches_many=True,
)
