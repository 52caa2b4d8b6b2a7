"""Signing in and choosing a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dashboard.models import Person

LONGEST_PASSWORD = 128


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A field for a password: never stripped, never shown again."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, **options)


class SignInForm(forms.Form):
    """User name and password; `next` is where to go afterwards, `kept` a sealed form to go on with."""

    use_required_attribute = False
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}),
    )
    password = password_field(_("Password"), "current-password")
    next = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)
    kept = forms.CharField(required=False, max_length=600_000, widget=forms.HiddenInput)

    def clean_username(self) -> str:
        """User names are kept in small letters."""
        return str(self.cleaned_data["username"]).lower()


class ProofForm(forms.Form):
    """The password once more."""

    use_required_attribute = False
    proof = password_field(_("Your password"), "current-password")


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    use_required_attribute = False
    new = password_field(_("New password"), "new-password", help_text=" ".join(password_validators_help_texts()))
    again = password_field(_("The new password again"), "new-password")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_new(self) -> str:
        """Hold it against the rules."""
        validate_password(self.cleaned_data["new"], self.person)
        return str(self.cleaned_data["new"])

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        data = super().clean() or self.cleaned_data
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", ValidationError(_("The two passwords differ.")))
        return data


class OwnPasswordForm(NewPasswordForm):
    """A person's own new password, with the present one."""

    current = password_field(_("Present password"), "current-password")
    field_order = ("current", "new", "again")

    def clean_current(self) -> str:
        """Refuse a wrong one."""
        if not self.person.check_password(self.cleaned_data["current"]):
            raise ValidationError(_("This is not your present password."))
        return str(self.cleaned_data["current"])
