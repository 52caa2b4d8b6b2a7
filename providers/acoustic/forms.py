"""The forms of Acoustic Campaign: a send job, the catalogue's items, a connection's address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers.acoustic.payload import PODS, proves, suggest_name
from providers.addresses import AddressField
from providers.fields import (
    ActionForm,
    Caution,
    FormContext,
    Group,
    InstantField,
    ItemChoiceField,
    ItemForm,
    SettingsForm,
    SuggestField,
    TextField,
    WholeNumberField,
)
from providers.meanings import BIGGEST_ID

LONGEST_NAME = 200
"""Characters of a message name: a limit of our own, because the vendor names none."""
LONGEST_REFERENCE = 2_000
"""Characters of externalSystemName and externalSystemReferenceId. Source: the vendor's response codes."""
LONGEST_FOLDER = 500
"""Characters of a folder: a limit of our own."""
YEAR = timedelta(days=366)
"""After it a scheduled date is more likely a slip than meant; the vendor names no limit."""
BIGGEST_INTEGER = 2**31 - 1
"""preBlockingHours is an Integer. Source: the attributes of the vendor's page."""


class ContactSourceField(SuggestField):
    """A contact source's id: one of the catalogue's or any other. Clean value: the id in digits, or empty."""

    def to_python(self, value: Any) -> str:
        """The id without leading zeros."""
        text = super().to_python(value)
        if not text:
            return ""
        if not re.fullmatch(r"[0-9]{1,40}", text):
            raise ValidationError(
                _("Enter a contact source's ID, a whole number like 4396816, or the name of one in the catalogue."), "invalid"
            )
        if not 1 <= int(text) <= BIGGEST_ID:
            raise ValidationError(_("A contact source's ID lies between 1 and %(most)s."), "range", {"most": f"{BIGGEST_ID:,}"})
        return str(int(text))

    def clean(self, value: Any) -> str:
        """The id; refuses one that the catalogue has archived."""
        source = str(super().clean(value))
        item = self.context.item("source", source) if self.context and source else None
        if item and item.archived:
            raise ValidationError(
                _("The contact source “%(key)s” is archived. Choose another or restore it first."), "archived", {"key": source}
            )
        return source


class SendForm(ActionForm):
    """A published message to a whole contact source. Fields are the vendor's properties in lower case."""

    message = ItemChoiceField("message", _("published message"), label=_("Published message"))
    contact_source = ContactSourceField(
        "source",
        required=False,
        label=_("Contact source"),
        help_text=_("Everybody in it gets the message. By name or ID; left empty, the one stored with the message."),
    )
    message_name = TextField(
        required=False,
        strip=False,
        max_length=LONGEST_NAME,
        label=_("Message name"),
        help_text=_("Must be new in your organisation. This one is; every event of the send carries it."),
    )
    scheduled_date = InstantField(
        required=False, label=_("Scheduled date"), help_text=_("Acoustic takes the job now, and sends then. Left empty: at once.")
    )
    pre_blocking_hours = WholeNumberField(
        least=0,
        most=BIGGEST_INTEGER,
        required=False,
        unit=_("hours"),
        label=_("Pre-blocking"),
        help_text=_("Blocking time before the send, as Acoustic defines it. Usually left empty."),
    )
    folder = TextField(required=False, max_length=LONGEST_FOLDER, label=_("Folder"), help_text=_("Where Acoustic files the message."))
    external_system_name = TextField(
        required=False,
        max_length=LONGEST_REFERENCE,
        label=_("External system"),
        help_text=_("The name of the calling system. Left empty, Acoustic notes “API”."),
    )
    external_system_reference_id = TextField(
        required=False,
        max_length=LONGEST_REFERENCE,
        label=_("External reference"),
        help_text=_("Passed back in the SMS events of this send."),
    )
    groups = (
        Group(_("Message and audience"), ("message", "contact_source", "message_name")),
        Group(_("When"), ("scheduled_date", "pre_blocking_hours")),
        Group(_("For your records"), ("external_system_name", "external_system_reference_id", "folder"), folded=True),
    )

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """A message name that ends in the dispatch's reference."""
        return {"message_name": suggest_name(context.reference)}

    def clean_message_name(self) -> str:
        """The name exactly as typed: the vendor keeps spaces at its ends. Made when nothing was typed."""
        name: str = self.cleaned_data["message_name"]
        if name and not name.strip():
            raise ValidationError(_("A message name of spaces alone is refused by Acoustic; write a name or leave it empty."), "blank")
        return name or suggest_name(self.context.reference)

    def clean_scheduled_date(self) -> datetime | None:
        """The moment in UTC; refuses one that has passed."""
        moment: datetime | None = self.cleaned_data["scheduled_date"]
        if moment is None:
            return None
        if moment < self.context.now:
            raise ValidationError(_("This time has passed. Choose a later one, or leave it empty to send at once."), "past")
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(_("This time is too far away."), "far") from error

    def cautions(self) -> list[Caution]:
        """What the vendor accepts but people may not mean."""
        name = self.cleaned_data.get("message_name", "")
        found = []
        if name != name.strip():
            found.append(Caution("message_name", _("The name begins or ends with a space. Acoustic accepts that and keeps it.")))
        if not proves(name, self.context.reference):
            text = _(
                "The name does not end in %(reference)s. If the answer is lost, “already exists” will not prove that this send arrived."
            )
            found.append(Caution("message_name", text % {"reference": self.context.reference}))
        if not self.cleaned_data.get("contact_source"):
            found.append(Caution("contact_source", self._default_audience()))
        moment = self.cleaned_data.get("scheduled_date")
        if moment and moment > self.context.now + YEAR:
            found.append(Caution("scheduled_date", _("This is more than a year ahead. Check the year.")))
        return found

    def _default_audience(self) -> Any:
        message = self.context.item("message", self.cleaned_data.get("message", ""))
        source = message.data.get("contact_source") if message else None
        if source is None:
            return _("Goes to the contact source that Acoustic has stored with the message.")
        return _("Goes to the contact source that Acoustic has stored with the message: %(source)s, as last noted here.") % {
            "source": self.context.called("source", str(source))
        }


class MessageForm(ItemForm):
    """A published SMS message, by its content id."""

    key = TextField(
        max_length=36,
        label=_("Content ID"),
        help_text=_("In Acoustic: Content › Mobile messages and templates › Published, column Content ID."),
    )
    contact_source = ContactSourceField(
        "source", required=False, label=_("Its contact source"), help_text=_("The one stored with the message, for your information.")
    )

    def clean_key(self) -> str:
        """A UUID as Acoustic writes it."""
        key: str = self.cleaned_data["key"]
        if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", key):
            raise ValidationError(_("A content ID looks like e3c3d1ea-e54b-458d-b32b-18a99f63b58c."), "invalid")
        return str(UUID(key))


class SourceForm(ItemForm):
    """A contact source: a database, query or contact list."""

    key = ContactSourceField(
        "source", label=_("Contact source ID"), help_text=_("In Acoustic: Data, open the database, query or contact list; a number.")
    )


class ConnectionForm(SettingsForm):
    """Where an Acoustic organisation lives."""

    pod = forms.ChoiceField(
        label=_("Pod"),
        help_text=_("The pod of your organisation, as in the address of your Acoustic Campaign."),
    )
    base_url = AddressField(
        required=False,
        label=_("Base address"),
        help_text=_("Only for “another address”: without /rest at its end."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(pod, f"{_('Pod')} {pod.upper()} · {host}.goacoustic.com") for pod, host in PODS.items()]
        self.fields["pod"].choices = [("", _("Choose…")), *named, ("custom", _("Another address"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A base address goes with “another address”, and only with it."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("pod") == "custom" and not cleaned.get("base_url") and "base_url" not in self.errors:
            self.add_error("base_url", ValidationError(_("Another address needs a base address."), "required"))
        if cleaned.get("pod") not in ("custom", None):
            cleaned["base_url"] = ""
        return cleaned
