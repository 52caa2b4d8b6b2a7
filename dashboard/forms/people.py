"""People as admins see them, and everybody's own settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dashboard.models import Person
from dashboard.roles import Role
from providers.fields import TextField

PLACES = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def zones() -> list[tuple[str, str]]:
    """Time zones by place, after UTC."""
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(available_timezones()) if name.startswith(PLACES))]


class TimeZoneForm(forms.Form):
    """The zone in which times are shown."""

    use_required_attribute = False
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, initial="UTC", help_text=_("All times are shown in it, with the zone named.")
    )


class PersonForm(TimeZoneForm):
    """Name, roles and time zone of somebody."""

    name = TextField(label=_("Name"), max_length=120, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Supervisors send. Admins set up connections and people. Auditors read everything and change nothing."),
    )
    field_order = ("username", "name", "roles", "time_zone")

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        held = self.cleaned_data["roles"]
        return {
            "name": self.cleaned_data["name"],
            "time_zone": self.cleaned_data["time_zone"],
            **{f"is_{role}": role in held for role in Role},
        }


class NewPersonForm(PersonForm):
    """Somebody new."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("Small letters, digits and @ . + - _; it stays for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_username(self) -> str:
        """In small letters; refuse one that is taken or has other characters."""
        username = str(self.cleaned_data["username"]).lower()
        Person._meta.get_field("username").run_validators(username)
        if Person.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Somebody has this user name already."))
        return username

    def chosen_roles(self) -> list[Role]:
        """The roles as the service takes them."""
        return [Role(value) for value in self.cleaned_data["roles"]]
