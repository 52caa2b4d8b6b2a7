"""Google CCAI Platform: outbound SMS to customers. README.md beside this file lists the vendor's rules with their sources."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.base import BasicAuth, CatalogueKind, Limits, Probe, Provider, Repeat, SecretField
from providers.ccai import access, actions, forms, outcome, payload

PROVIDER = Provider(
    key="ccai",
    label=_("CCAI Platform"),
    short=_("CCAI"),
    settings_form=forms.ConnectionForm,
    secrets=(
        SecretField(
            "token",
            _("API credential token"),
            _("In the portal: Settings › Developer settings › API credentials › Add. It is shown there only once."),
        ),
    ),
    catalogue=(
        CatalogueKind(
            key="number",
            label=_("Outbound number"),
            plural=_("Outbound numbers"),
            teaches=_(
                "An outbound number is an SMS number of your CCAI Platform from which customers are texted. "
                "The vendor has no list that could be fetched: enter those that the portal shows."
            ),
            form=forms.NumberForm,
            icon="phone",
        ),
        CatalogueKind(
            key="agent",
            label=_("Agent"),
            plural=_("Agents"),
            teaches=_("An agent, by ID or e-mail address, can be given the chat that a text opens. The portal shows both under Users."),
            form=forms.AgentForm,
            icon="headset",
        ),
    ),
    actions=(actions.TEXT,),
    repeat=Repeat.NEVER,
    limits=Limits(in_flight=4, calls=8, per_seconds=1.0, breaker=3, hours_per_number=24),
    hosts=("*.ccaiplatform.com",),
    auth=BasicAuth(username=access.username, password="token"),
    suggest_key=payload.suggest_key,
    proves=payload.proves,
    build=payload.build,
    pack=payload.pack,
    parse=outcome.parse,
    read=payload.read,
    endpoints=payload.endpoints,
    probe=Probe(access.probe, access.read_probe),
    doubt_advice=_(
        "In the CCAI Platform portal, look among today's chats for one of type SMS that was created at this time from this "
        "outbound number, with this customer or ticket. If it is there, the text arrived, even when no agent has it yet. "
        "If an agent was named, look into that agent's open chat with the customer for the text itself."
    ),
)
