"""The forms of connections: what every connection has, the provider's own address fields, secrets, reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries.data import COUNTRIES

from dashboard.choices import Environment
from dashboard.models import Connection
from dashboard.services.outbound import policy_for
from providers.base import Provider
from providers.errors import ProviderError
from providers.fields import Group, SettingsForm, TextField, WholeNumberField
from providers.types import Account

RESERVED = frozenset({"add", "again", "back", "go-on", "stop"})
"""Names that are addresses of the area itself."""
LONGEST_UNDO = 120
MOST_IN_FLIGHT = 64
ADDRESS = "address"
"""The prefix of the provider's own fields, so that they never meet ours."""


def countries() -> list[tuple[str, str]]:
    """Alpha-2 code and name of every country, by name, after a blank one."""
    named = sorted(((code, str(name)) for code, name in COUNTRIES.items()), key=lambda pair: pair[1])
    return [("", _("None: every number starts with + and its country code")), *named]


class ConnectionForm(forms.Form):
    """What every connection has, whatever its provider."""

    use_required_attribute = False
    groups: ClassVar[tuple[Group, ...]] = (
        Group(gettext_lazy("What it is"), ("name", "environment", "country")),
        Group(gettext_lazy("How it may be used"), ("in_flight", "calls", "per_seconds", "undo_seconds")),
    )
    name = forms.CharField(
        max_length=60,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Letters, digits and hyphens, like vcc-emea. It stands in addresses and commands."),
        validators=[
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_-]*\Z", gettext_lazy("Only letters, digits, - and _, starting with a letter or digit."))
        ],
    )
    environment = forms.ChoiceField(
        choices=Environment.choices,
        initial=Environment.TEST,
        widget=forms.RadioSelect,
        label=gettext_lazy("Environment"),
        help_text=gettext_lazy("Sends to production are confirmed with the environment named."),
    )
    country = forms.ChoiceField(
        choices=countries,
        required=False,
        label=gettext_lazy("Country of national numbers"),
        help_text=gettext_lazy("A number typed without + is read as one of this country."),
    )
    undo_seconds = WholeNumberField(
        least=0,
        most=LONGEST_UNDO,
        initial=0,
        unit=gettext_lazy("seconds"),
        label=gettext_lazy("Undo window"),
        help_text=gettext_lazy("How long a dispatch can be taken back before it leaves; 0 sends at once."),
    )
    in_flight = WholeNumberField(least=1, most=MOST_IN_FLIGHT, label=gettext_lazy("Calls at the same time"))
    calls = WholeNumberField(
        least=0,
        most=100_000,
        label=gettext_lazy("Pace: calls"),
        help_text=gettext_lazy("0 keeps no pace beside the calls at the same time."),
    )
    per_seconds = WholeNumberField(least=1, most=3_600, unit=gettext_lazy("seconds"), label=gettext_lazy("Pace: in how long"))

    def __init__(self, data: Mapping[str, Any] | None, *, provider: Provider, initial: Mapping[str, Any]) -> None:
        limits = provider.limits
        own = {"in_flight": limits.in_flight, "calls": limits.calls, "per_seconds": int(limits.per_seconds) or 1}
        super().__init__(data, initial={**own, **initial})
        in_flight = self.fields["in_flight"]
        assert isinstance(in_flight, WholeNumberField)
        in_flight.most = limits.most_in_flight or MOST_IN_FLIGHT
        in_flight.help_text = _("Between 1 and %(most)s; %(usual)s is usual for this provider.") % {
            "most": in_flight.most,
            "usual": limits.in_flight,
        }

    def clean_name(self) -> str:
        """Refuse a name that is an address of the area itself."""
        name: str = self.cleaned_data["name"]
        if name.lower() in RESERVED:
            raise ValidationError(_("“%(name)s” is reserved; choose another name."), "reserved", {"name": name})
        return name


class ConnectionEntry:
    """Both halves of a connection's form: ours and the provider's."""

    def __init__(self, provider: Provider, data: Mapping[str, Any] | None = None, connection: Connection | None = None) -> None:
        self.provider, self.connection = provider, connection
        known, address = _known(connection) if connection else ({}, {})
        self.own = ConnectionForm(data, provider=provider, initial=known)
        self.address: SettingsForm = provider.settings_form(data, initial=address, prefix=ADDRESS)

    def is_valid(self) -> bool:
        """Whether both halves are, and every address may be called."""
        fine = [self.own.is_valid(), self.address.is_valid()]
        return all(fine) and self._may_be_called()

    def _may_be_called(self) -> bool:
        """Hold every address that requests would go to against the outbound policy."""
        chosen = self.address.settings()
        account = Account(self.provider.key, self.own.cleaned_data["name"], chosen, self.own.cleaned_data["country"])
        policy = policy_for(self.provider)
        for url in self.provider.endpoints(account):
            try:
                policy.check(url)
            except ProviderError as error:
                self.address.add_error(self._field_of(url, chosen), str(error))
                return False
        return True

    def _field_of(self, url: str, chosen: Mapping[str, str]) -> str | None:
        """The field that put this address there: the one with the longest value that stands in it."""
        inside = [name for name, value in chosen.items() if value.rstrip("/") in url]
        return max(inside, key=lambda name: len(chosen[name]), default=None)

    def __iter__(self) -> Iterator[BoundField]:
        yield from self.address
        yield from self.own

    @property
    def errors(self) -> dict[str, Any]:
        """The errors of both halves."""
        return {**self.address.errors, **self.own.errors}

    def non_field_errors(self) -> list[str]:
        """What belongs to no field."""
        return [str(text) for half in (self.address, self.own) for text in half.non_field_errors()]

    def values(self) -> dict[str, Any]:
        """What the services take, from a valid entry."""
        return {**self.own.cleaned_data, "settings": self.address.settings()}

    def refuse(self, message: str, field: str) -> None:
        """Show what a service refused beside the field it names."""
        self.own.add_error(field if field in self.own.fields else None, message)


def _known(connection: Connection) -> tuple[dict[str, Any], dict[str, str]]:
    lane = connection.lane
    own = {name: getattr(connection, name) for name in ("name", "environment", "country", "undo_seconds")}
    return {**own, "in_flight": lane.in_flight_limit, "calls": lane.calls, "per_seconds": int(lane.per_seconds)}, connection.settings


class SecretsForm(forms.Form):
    """Write-only: what is stored never comes back. One that is not set yet is needed; a stored one stays when left empty."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None, *, provider: Provider, stored: Collection[str] = ()) -> None:
        super().__init__(data)
        for secret in provider.secrets:
            self.fields[secret.name] = SecretValueField(required=secret.name not in stored, label=secret.label, help_text=secret.help)

    def clean(self) -> dict[str, Any]:
        """Refuse a form in which nothing was typed."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            raise ValidationError(_("Nothing was typed, so nothing was changed. Fill in each secret that should be replaced."), "empty")
        return cleaned

    def values(self) -> dict[str, str]:
        """The secrets to replace, from a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class SecretValueField(forms.CharField):
    """A secret as typed or pasted: one line, kept to the letter but for spaces around it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}, render_value=False)
        super().__init__(max_length=4_000, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """Refuse what cannot travel in a header or a form field."""
        text: str = super().clean(value)
        if not text.isprintable():
            raise ValidationError(_("This has a line break or a character that cannot be seen; paste it again."), "unreadable")
        return text


class StoppingForm(forms.Form):
    """Why something is stopped, in the words that everybody will read."""

    use_required_attribute = False
    reason = TextField(
        max_length=500,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Everybody who composes sees it, and it is kept in the audit trail with your name."),
    )
