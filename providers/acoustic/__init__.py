"""Acoustic Campaign: SMS send jobs to contact sources. README.md beside this file lists the vendor's rules with their sources."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.acoustic import access, actions, forms, outcome, payload
from providers.base import BearerAuth, CatalogueKind, Limits, Probe, Provider, Repeat, SecretField

PROVIDER = Provider(
    key="acoustic",
    label=_("Acoustic Campaign"),
    short=_("Acoustic"),
    settings_form=forms.ConnectionForm,
    secrets=(
        SecretField("client_id", _("Client ID"), _("In Acoustic: Settings › Organization settings › Application account access.")),
        SecretField("client_secret", _("Client secret"), _("Shown beside the client ID.")),
        SecretField("refresh_token", _("Refresh token"), _("Sent by e-mail when account access is added for an SMS-enabled user.")),
    ),
    catalogue=(
        CatalogueKind(
            key="message",
            label=_("Published message"),
            plural=_("Published messages"),
            teaches=_(
                "A published message is an SMS text that was written and published in Acoustic Campaign. "
                "Fetch the list from Acoustic, or add one by its content ID, which stands under Content › Mobile messages and templates."
            ),
            form=forms.MessageForm,
            icon="message-square-text",
            fetched=True,
        ),
        CatalogueKind(
            key="source",
            label=_("Contact source"),
            plural=_("Contact sources"),
            teaches=_(
                "A contact source is a database, query or contact list in Acoustic Campaign that is enabled for SMS. "
                "Everybody in it gets a message that is sent to it."
            ),
            form=forms.SourceForm,
            icon="users",
        ),
    ),
    actions=(actions.SEND,),
    repeat=Repeat.PROBE_NAME,
    limits=Limits(in_flight=8, calls=0, per_seconds=1.0, most_in_flight=10),
    hosts=(
        "api-campaign-[a-z][a-z]-[0-9].goacoustic.com",
        "api[0-9ab].silverpop.com",
        "api[0-9ab].ibmmarketingcloud.com",
    ),
    auth=BearerAuth(
        request=access.token_request,
        read=access.read_token,
        renew_before=access.RENEW_BEFORE,
        least_age=access.LEAST_AGE,
    ),
    suggest_key=payload.suggest_name,
    proves=payload.proves,
    build=payload.build,
    pack=payload.pack,
    parse=outcome.parse,
    read=payload.read,
    endpoints=payload.endpoints,
    probe=Probe(access.probe, access.read_probe),
    doubt_advice=_(
        "In Acoustic, look for this message name among the sent and scheduled SMS messages. If it is there, the send job arrived. "
        "Never send it again under another name before you have looked: everybody in the contact source would be texted twice."
    ),
    fetch=access.list_messages,
    read_fetch=access.read_messages,
    latest=actions.latest,
)
