"""Vonage Contact Center: the Interactions API. README.md beside this file lists the vendor's rules with their sources."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.base import BearerAuth, CatalogueKind, Limits, Provider, Repeat, SecretField
from providers.vonage import access, actions, outcome, payload, reading, registration

PROVIDER = Provider(
    key="vonage",
    label=_("Vonage Contact Center"),
    short=_("VCC"),
    settings_form=access.ConnectionForm,
    secrets=(
        SecretField(
            "client_id",
            _("Client ID"),
            _("In the VCC Admin Portal: Account settings › API credentials › Create new, with the right for active interactions."),
        ),
        SecretField("client_secret", _("Client secret"), _("Shown once, when the credential is created.")),
    ),
    catalogue=(
        CatalogueKind(
            key="route",
            label=_("Named route"),
            plural=_("Named routes"),
            teaches=_(
                "A named route is the address of an interaction plan. VCC shows yours in Interaction Plans Manager, as API destinations, "
                "and has no list that could be fetched. Say here which properties its plan expects, and composing it becomes a form."
            ),
            form=registration.RouteItemForm,
            icon="route",
        ),
        CatalogueKind(
            key="skill",
            label=_("Skill"),
            plural=_("Skills"),
            teaches=_(
                "A skill is what an agent must or should have to get an interaction. Enter those that VCC knows, to choose from them."
            ),
            form=registration.SkillItemForm,
            icon="star",
        ),
        CatalogueKind(
            key="agent",
            label=_("Agent"),
            plural=_("Agents"),
            teaches=_("An agent, by user name, can be offered an interaction before all others. VCC shows user names under Users."),
            form=registration.AgentItemForm,
            icon="headset",
        ),
        CatalogueKind(
            key="registered_provider",
            label=_("Registered provider"),
            plural=_("Registered providers"),
            teaches=_(
                "A registered provider says what agents may do with the interactions that name it, and where VCC reports their progress. "
                "Saving one registers it at VCC."
            ),
            form=registration.ProviderItemForm,
            icon="plug",
            saves_by="register",
        ),
    ),
    actions=(actions.ROUTE, actions.SMS, actions.RELEASE, actions.REGISTER),
    repeat=Repeat.SAME_ID,
    limits=Limits(in_flight=2, calls=160, per_seconds=60.0, max_body=payload.MOST_BYTES),
    hosts=access.HOSTS,
    auth=BearerAuth(request=access.token_request, read=access.read_token, renew_before=access.RENEW_BEFORE),
    suggest_key=payload.suggest_key,
    proves=payload.proves,
    build=payload.build,
    pack=payload.pack,
    parse=outcome.parse,
    read=reading.read,
    endpoints=payload.endpoints,
    undo=actions.undo,
    doubt_advice=_(
        "In VCC, look through the interactions of that time for this named route, caller identity or display name. "
        "For an SMS plan, look into the Vonage API account behind its Send SMS applet for the message. "
        "An interaction that has an external ID can also be released: where there is none, the release fails and nothing happens."
    ),
)
