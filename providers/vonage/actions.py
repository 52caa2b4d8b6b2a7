"""What can be asked of VCC: route to an agent, send an SMS through a plan, release an interaction, register a provider."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from providers.base import Action
from providers.fields import ActionForm
from providers.types import Command, Draft, Json
from providers.vonage import interaction, words
from providers.vonage.forms import ReleaseForm, RouteForm, SmsForm
from providers.vonage.payload import suggest_key
from providers.vonage.registration import RegisterForm, registration, registration_fields


def interaction_fields(command: Command) -> Mapping[str, Json]:
    """The form data that makes the same interaction again, without its request ID."""
    return interaction.fields(command.values)


def release_fields(command: Command) -> Mapping[str, Json]:
    """The form data of a release: of the same one again, or of the one that takes a dispatch back."""
    return interaction.present({name: command.values.get(name) for name in ("externalid", "provider")})


def undo(command: Command) -> Draft | None:
    """The release of a dispatch, with the provider it was dispatched with; None without an external ID (seed 001)."""
    if command.action not in ("route", "sms") or "externalid" not in command.values:
        return None
    return Draft("release", release_fields(command))


def registration_command(form: ActionForm) -> Command:
    """The registration of a valid form. Its key is ours alone and never travels: registering again is harmless."""
    return Command("register", suggest_key(form.context.reference), registration(form.cleaned_data))


def registered_fields(command: Command) -> Mapping[str, Json]:
    """The form data of a registration again. Of its headers the names alone: their values can be secrets, and are never shown again."""
    made = registration_fields(command.values)
    names = [{"name": row["name"]} for row in made.get("headers", ())]
    return {**made, "headers": names} if names else made


ROUTE = Action(
    key="route",
    label=_("Route to an agent"),
    purpose=_("Send an interaction through a named route to an agent, with the skills it needs and what the agent should see."),
    icon="route",
    form=RouteForm,
    command=lambda form: Command("route", form.cleaned_data["requestid"], interaction.dispatch(form.cleaned_data)),
    fields=interaction_fields,
    summarise=words.route,
    spoken=words.route_spoken,
    mask=frozenset({"clid", "name"}),
    target_kind="route",
    target_field="route",
)
SMS = Action(
    key="sms",
    label=_("Send an SMS through a plan"),
    purpose=_("Run a named route whose interaction plan sends an SMS, and give it the number and the words."),
    icon="message-square-text",
    form=SmsForm,
    command=lambda form: Command("sms", form.cleaned_data["requestid"], interaction.dispatch(form.cleaned_data)),
    fields=interaction_fields,
    summarise=words.sms,
    spoken=words.sms_spoken,
    mask=frozenset({"extra"}),
    target_kind="route",
    target_field="route",
)
RELEASE = Action(
    key="release",
    label=_("Release an interaction"),
    purpose=_("Take an interaction out of its queue, or end it for the agent who has it."),
    icon="undo-2",
    form=ReleaseForm,
    command=lambda form: Command("release", form.cleaned_data["requestid"], interaction.release(form.cleaned_data)),
    fields=release_fields,
    summarise=words.release,
)
REGISTER = Action(
    key="register",
    label=_("Register a provider"),
    purpose=_("Tell VCC what agents may do with a provider's interactions, and where to report their progress."),
    icon="plug",
    form=RegisterForm,
    command=registration_command,
    fields=registered_fields,
    summarise=words.register,
    target_kind="registered_provider",
    target_field="key",
    composed=False,
)
