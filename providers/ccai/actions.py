"""What can be asked of CCAI Platform: text a customer."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from providers.base import Action, Naming, by_key
from providers.ccai.forms import TextForm
from providers.ccai.payload import TEXTS
from providers.fields import ActionForm, number_in_words
from providers.redact import mask_number
from providers.types import Command, Json, Summary


def command(form: ActionForm) -> Command:
    """The command of a valid form; what is not set is absent. Agents stand under the API reference's names."""
    values: dict[str, Json] = {name: form.cleaned_data[name] for name in TEXTS if form.cleaned_data[name]}
    if agent := form.cleaned_data["agent"]:
        values |= {"agentEmail": agent} if "@" in agent else {"agentId": int(agent)}
    return Command(action="text", key=form.context.reference, values=values)


def fields(command: Command) -> Mapping[str, Json]:
    """The form data that makes the same command again."""
    found = {name: command.values[name] for name in TEXTS if name in command.values}
    if agent := _agent(command):
        found["agent"] = agent
    return found


def summarise(command: Command) -> Summary:
    """The text in words, with the customer's number masked and without what it says: that stays sealed."""
    values = command.values
    return Summary(
        target=values["outbound_number"],
        detail=gettext("to %(customer)s") % {"customer": mask_number(values["end_user_number"])},
        sentence=spoken(command, by_key),
        references=(("ticket_id", values["ticket_id"]),) if "ticket_id" in values else (),
        personal=(values["end_user_number"],),
    )


def _sender(number: str, called: Naming) -> str:
    name, shown = called("number", number), number_in_words(number)
    return shown if name == number else f"{name} ({shown})"


def spoken(command: Command, called: Naming) -> str:
    """The text as a sentence, the outbound number and the agent by the names that the catalogue gives them."""
    values, agent = command.values, _agent(command)
    customer, sender = mask_number(values["end_user_number"]), _sender(values["outbound_number"], called)
    length = len(values["message"])
    parts = [
        ngettext(
            "Text %(customer)s from %(sender)s: a message of %(length)s character",
            "Text %(customer)s from %(sender)s: a message of %(length)s characters",
            length,
        )
        % {"customer": customer, "sender": sender, "length": f"{length:,}"}
    ]
    if "ticket_id" in values:
        parts.append(gettext("linked to ticket %(ticket)s") % {"ticket": values["ticket_id"]})
    if agent:
        parts.append(gettext("for agent %(agent)s") % {"agent": called("agent", agent)})
    return f"{', '.join(parts)}."


def _agent(command: Command) -> str:
    return str(command.values.get("agentId") or command.values.get("agentEmail") or "")


TEXT = Action(
    key="text",
    label=_("Text a customer"),
    purpose=_("Send one SMS message to one customer. A reply opens a session in CCAI Platform."),
    icon="message-circle",
    form=TextForm,
    command=command,
    fields=fields,
    summarise=summarise,
    spoken=spoken,
    mask=frozenset({"end_user_number", "message"}),
    target_kind="number",
    target_field="outbound_number",
)
