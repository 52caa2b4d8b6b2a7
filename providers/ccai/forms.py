"""The forms of CCAI Platform: a text to a customer, the catalogue's items, a connection's address."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from providers.addresses import AddressField
from providers.ccai.payload import CHAT_TYPES, DEFAULT_DOMAIN, plain
from providers.fields import (
    ActionForm,
    Caution,
    FormContext,
    Group,
    ItemChoiceField,
    ItemForm,
    PhoneField,
    SettingsForm,
    SuggestField,
    TextField,
    country_name,
    country_of,
)
from providers.meanings import BIGGEST_ID

LONGEST_MESSAGE = 1_600
"""Characters of a text: a limit of our own. The vendor validates a highest number too, but does not publish it."""
LONGEST_TICKET = 255
"""Characters of a CRM ticket's id: a limit of our own."""
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


class OutboundNumberField(ItemChoiceField):
    """An outbound number of the catalogue, written in any of the ways people write numbers."""

    def clean(self, value: Any) -> str:
        """The number in E.164, as the catalogue has it."""
        return super().clean(plain(str(value or "").strip(), self.context.account.country))


class AgentField(SuggestField):
    """An agent by id or by e-mail address: one of the catalogue's or any other."""

    def to_python(self, value: Any) -> str:
        """The id without leading zeros, or the address as typed."""
        text = super().to_python(value)
        if re.fullmatch(r"[0-9]{1,40}", text):
            return self._id(int(text))
        if text:
            EmailValidator(_("Enter the agent's ID, a whole number, or e-mail address. The agent number is something else."))(text)
        return text

    def _id(self, number: int) -> str:
        if not 1 <= number <= BIGGEST_ID:
            raise ValidationError(_("An agent's ID lies between 1 and %(most)s."), "range", {"most": f"{BIGGEST_ID:,}"})
        return str(number)

    def clean(self, value: Any) -> str:
        """The agent; refuses one that the catalogue has archived."""
        agent = str(super().clean(value))
        item = self.context.item("agent", agent) if self.context and agent else None
        if item and item.archived:
            text = _("The agent “%(key)s” is archived. Choose another or restore it first.")
            raise ValidationError(text, "archived", {"key": agent})
        return agent


class TextForm(ActionForm):
    """One text message to one customer. Fields have the vendor's names, but for the agent."""

    end_user_number = PhoneField(label=_("Customer's number"), help_text=_("With + and the country code, like +1 415-555-0100."))
    outbound_number = OutboundNumberField("number", _("outbound number"), label=_("Outbound number"))
    message = TextField(lines=True, sms=True, strip=False, max_length=LONGEST_MESSAGE, label=_("Message"))
    ticket_id = TextField(
        required=False,
        max_length=LONGEST_TICKET,
        label=_("Ticket"),
        help_text=_("The CRM ticket that the session is linked to."),
    )
    agent = AgentField(
        "agent",
        required=False,
        max_length=254,
        label=_("Agent"),
        help_text=_(
            "By ID or e-mail address. Takes the new chat; in a chat that the agent has with this customer, the text is sent there."
        ),
    )
    chat_type = forms.ChoiceField(
        required=False,
        choices=[(kind, kind) for kind in CHAT_TYPES],
        label=_("Chat type"),
        help_text=_("“Messaging (SMS)” is what the vendor's examples send; “SMS” is deprecated."),
    )
    groups = (
        Group(_("Who is texted"), ("end_user_number", "outbound_number")),
        Group(_("What it says"), ("message",)),
        Group(_("Who takes the reply"), ("ticket_id", "agent")),
        Group(_("More"), ("chat_type",), folded=True),
    )

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """The chat type that the connection is set to."""
        return {"chat_type": default_chat_type(context)}

    def shape(self) -> None:
        """Say which country a number without + is read in."""
        if country := country_name(self.context.account.country):
            text = _("Like +1 415-555-0100. Without + the country is taken to be %(country)s.") % {"country": country}
            self.fields["end_user_number"].help_text = text

    def clean_end_user_number(self) -> str:
        """A number that a text to a customer may go to."""
        number: str = self.cleaned_data["end_user_number"]
        if self.context.item("number", number):
            raise ValidationError(_("This is one of your own outbound numbers; enter the customer's number."), "own")
        kind = phonenumbers.number_type(phonenumbers.parse(number))
        if kind in (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST):
            raise ValidationError(_("This is a premium-rate number; texts go to ordinary numbers only."), "premium")
        return number

    def clean_message(self) -> str:
        """The text exactly as typed."""
        message: str = self.cleaned_data["message"]
        if not message.strip():
            raise ValidationError(_("Write a message; spaces alone are refused."), "blank")
        return message

    def clean_chat_type(self) -> str:
        """The chat type; the connection's own when none was chosen."""
        return self.cleaned_data["chat_type"] or default_chat_type(self.context)

    def cautions(self) -> list[Caution]:
        """What the vendor accepts but people may not mean."""
        number = self.cleaned_data.get("end_user_number", "")
        found = []
        if number and not phonenumbers.is_valid_number(phonenumbers.parse(number)):
            found.append(Caution("end_user_number", self._unknown(number)))
        if self.cleaned_data.get("chat_type") == "SMS":
            found.append(Caution("chat_type", _("The vendor calls this chat type deprecated.")))
        return found

    def _unknown(self, number: str) -> Any:
        country = country_of(number)
        if not country:
            return _("No such number is known to be in use. Check it.")
        return _("No such number is known to be in use (%(country)s). Check it.") % {"country": country}


def default_chat_type(context: FormContext) -> str:
    """The chat type of a connection."""
    return context.account.settings.get("chat_type") or CHAT_TYPES[0]


class NumberForm(ItemForm):
    """A number of the tenant from which texts may be sent."""

    key = PhoneField(  # type: ignore[assignment]
        label=_("Outbound number"), help_text=_("An SMS number of your CCAI Platform, like +1 628-555-0199.")
    )


class AgentForm(ItemForm):
    """An agent by id or e-mail address."""

    key = AgentField(
        "agent",
        max_length=200,
        label=_("Agent"),
        help_text=_("The agent's ID (not the agent number) or e-mail address, as in the CCAI Platform portal."),
    )


class ConnectionForm(SettingsForm):
    """Where a CCAI Platform tenant lives, and how it wants its requests written."""

    subdomain = forms.CharField(
        max_length=63,
        label=_("Subdomain"),
        help_text=_("“customer” of customer.uc1.ccaiplatform.com. It is the user name of every request, too."),
    )
    domain = forms.CharField(max_length=190, required=False, initial=DEFAULT_DOMAIN, label=_("Domain"))
    base_url = AddressField(
        required=False,
        label=_("Base address"),
        help_text=_("Only when requests go elsewhere than to subdomain and domain, for a sandbox."),
    )
    agent_keys = forms.ChoiceField(
        required=False,
        choices=[("camel", "agentId, agentEmail"), ("snake", "agent_id, agent_email")],
        label=_("Agent properties"),
        help_text=_("The vendor's API reference has the first spelling, its SMS guide the second."),
    )
    chat_type = forms.ChoiceField(
        required=False,
        choices=[(kind, kind) for kind in CHAT_TYPES],
        label=_("Chat type"),
        help_text=_("Used unless a text says otherwise."),
    )

    def clean_subdomain(self) -> str:
        """One label of a host name, in lower case."""
        name: str = self.cleaned_data["subdomain"].lower()
        if not re.fullmatch(LABEL, name):
            raise ValidationError(_("A subdomain has letters a–z, digits and hyphens, without https:// and without dots."), "invalid")
        return name

    def clean_domain(self) -> str:
        """A host name of two labels or more, in lower case; the default when empty."""
        name: str = self.cleaned_data["domain"].lower() or DEFAULT_DOMAIN
        if not re.fullmatch(rf"{LABEL}(\.{LABEL})+", name):
            raise ValidationError(_("A domain looks like %(example)s."), "invalid", {"example": DEFAULT_DOMAIN})
        return name

    def clean_agent_keys(self) -> str:
        """The spelling; the API reference's when none was chosen."""
        return self.cleaned_data["agent_keys"] or "camel"

    def clean_chat_type(self) -> str:
        """The chat type; that of the vendor's examples when none was chosen."""
        return self.cleaned_data["chat_type"] or CHAT_TYPES[0]
