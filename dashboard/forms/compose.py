"""What the composer asks besides the provider's own fields: when, under which name to keep it, what was pasted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.models import Connection
from providers.fields import InstantField, TextField

FURTHEST = timedelta(days=366)
LONGEST_PASTE = 200_000


@dataclass(frozen=True, slots=True)
class Pick:
    """A time that one click chooses."""

    label: str | Promise
    value: str
    """As a control for date and time takes it."""


class ScheduleForm(forms.Form):
    """When a dispatch should leave. Its names begin with `desk-`, so that they meet no provider's."""

    prefix = "desk"
    use_required_attribute = False
    at = InstantField(label=_("Send at"), error_messages={"required": _("Choose the date and time at which it should leave.")})

    def __init__(self, data: Any = None, *, zone: str) -> None:
        super().__init__(data)
        self.zone = zone
        field = self.fields["at"]
        assert isinstance(field, InstantField)
        field.zone = zone
        field.help_text = _("In your time zone, %(zone)s.") % {"zone": zone}
        field.widget.attrs["form"] = "compose"

    @property
    def moment(self) -> datetime | None:
        """The chosen time; None while there is none that can be."""
        return self.cleaned_data["at"] if self.is_bound and self.is_valid() else None

    @property
    def picks(self) -> list[Pick]:
        """Times that people often choose: this evening while it is still to come, the next two mornings of work."""
        now = timezone.localtime(timezone=ZoneInfo(self.zone))
        evening, morning = (now.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (18, 9))
        monday = morning + timedelta(days=7 - now.weekday())
        times = [(_("Today 18:00"), evening), (_("Tomorrow 09:00"), morning + timedelta(days=1)), (_("Monday 09:00"), monday)]
        return [Pick(label, f"{at:%Y-%m-%dT%H:%M}") for label, at in times if at > now]

    def clean_at(self) -> datetime:
        """A moment to come, within a year."""
        at: datetime = self.cleaned_data["at"]
        if at <= timezone.now():
            raise ValidationError(_("This time has passed; choose a later one."), "past")
        if at > timezone.now() + FURTHEST:
            raise ValidationError(_("This is more than a year ahead; choose an earlier time."), "far")
        return at


class PresetForm(forms.Form):
    """The name of a preset, for whom it is, and what it leaves open."""

    prefix = "preset"
    use_required_attribute = False
    name = TextField(
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True}),
        label=_("Name"),
        help_text=_("What this is for, like “Escalate to billing”."),
    )
    shared = forms.BooleanField(required=False, label=_("For everybody who composes"), help_text=_("Otherwise only you see it."))
    ask = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Ask each time"),
        help_text=_("These are not kept: whoever uses the preset fills them in."),
    )

    def __init__(self, data: Any = None, *, choices: Iterable[tuple[str, str | Promise]], **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["ask"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(choices)
        if not field.choices:
            del self.fields["ask"]


class PasteForm(forms.Form):
    """A request as a vendor's page or a colleague's terminal shows it."""

    use_required_attribute = False
    text = TextField(
        lines=True,
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono", "autofocus": True}),
        label=_("JSON or curl"),
        help_text=_("The body of a request, or the whole curl command. A credential in it is not read and not kept."),
    )
    connection = forms.ModelChoiceField(
        queryset=Connection.objects.none(),
        to_field_name="name",
        required=False,
        empty_label=_("The one that fits what I paste"),
        label=_("Connection"),
        help_text=_("Needed only when several connections could take it."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["connection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Connection.objects.filter(archived_at=None)
