"""Registering a provider, and the forms of the catalogue: named routes, skills, agents, registered providers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.fields import ActionForm, Caution, Group, ItemForm, RowForm, RowsField, RowsMixin, TextField
from providers.types import Item, Json
from providers.vonage.interaction import present
from providers.vonage.properties import DeclaredRow, has_space, space_warning
from providers.vonage.rows import is_out_there, is_web_address, refuse_twins

PERMISSIONS = ("release", "hold", "transferToAgent", "transferToRoute")
"""What agents may be permitted to do. Source: Register provider settings."""
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
AUTHORIZATION = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ +\S.*")
OF_HTTP = frozenset({"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"})
"""Headers that belong to a call itself: a value of ours would spoil every one of VCC's."""
MOST_HEADERS = 50
HEADERS_HINT = _("Sent by VCC on each call to the endpoint. Their values are not kept here: give them again whenever you save.")


# --- registering --------------------------------------------------------------------------------


class HeaderRow(RowForm):
    """A header that VCC puts on each of its calls to the endpoint."""

    blank_when = ("name", "value")
    name = TextField(max_length=100, label=_("Header"), error_messages={"required": _("Name the header, or remove this row.")})
    value = TextField(
        max_length=4_000,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
        label=_("Value"),
        error_messages={"required": _("Give the header's value. It is not kept here, so it is needed each time.")},
    )

    def clean_name(self) -> str:
        """A name that HTTP allows."""
        name: str = self.cleaned_data["name"]
        if not HEADER_NAME.fullmatch(name):
            raise ValidationError(_("A header's name has letters, digits and hyphens, like X-Api-Key."), "invalid")
        if name.lower() in OF_HTTP:
            raise ValidationError(_("VCC sets %(name)s itself, for each of its calls; take it out."), "reserved", {"name": name})
        return name

    def clean_value(self) -> str:
        """A value in printable ASCII; for Authorization a type and credentials."""
        value: str = self.cleaned_data["value"]
        if value and not HEADER_VALUE.fullmatch(value):
            raise ValidationError(_("A header's value has only printable ASCII characters."), "invalid")
        if value and str(self.cleaned_data.get("name", "")).lower() == "authorization" and not AUTHORIZATION.fullmatch(value):
            raise ValidationError(_("Authorization must read “<type> <credentials>”, like “Bearer 3f2a…”."), "authorization")
        return value


class KnownHeaderRow(HeaderRow):
    """A header of a catalogue item: an item that was exported has names without values."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        asked = not self.is_bound or self.add_prefix("value") in self.data
        self.fields["value"].required = asked


class RegistrationFields(RowsMixin):
    """What a registered provider has. The catalogue's form and the action that registers it take the same data."""

    key = TextField(
        max_length=200,
        label=_("Provider name"),
        help_text=_("Dispatches name it; registering the same name again replaces all its settings."),
    )
    endpoint = TextField(
        required=False,
        max_length=2_000,
        label=_("Endpoint"),
        help_text=_("The https address to which VCC reports what becomes of interactions. Without it, only the permissions count."),
    )
    headers = RowsField(HeaderRow, most=MOST_HEADERS, add_label=_("Add a header"), label=_("Headers"), help_text=HEADERS_HINT)
    release = forms.BooleanField(required=False, label=_("Agents may release"), help_text=_("End the interaction."))
    hold = forms.BooleanField(
        required=False, label=_("Agents may hold"), help_text=_("Hold a live call or park a non-live interaction, and take it back.")
    )
    transferToAgent = forms.BooleanField(required=False, label=_("Agents may transfer to an agent"))
    transferToRoute = forms.BooleanField(required=False, label=_("Agents may transfer to a route"))

    def clean_endpoint(self) -> str:
        """An https address without credentials in it."""
        endpoint: str = self.cleaned_data["endpoint"]
        if not endpoint:
            return ""
        if not is_web_address(endpoint) or urlsplit(endpoint).scheme != "https":
            raise ValidationError(_("The endpoint must be an https address, like https://crm.example.com/vcc."), "invalid")
        if not endpoint.isascii():
            raise ValidationError(_("The endpoint has letters outside ASCII; write an international name as xn--…."), "ascii")
        if "@" in urlsplit(endpoint).netloc:
            raise ValidationError(
                _("The endpoint must not hold a user name or password; give them in an Authorization header."), "userinfo"
            )
        if not is_out_there(urlsplit(endpoint).hostname or ""):
            raise ValidationError(_("VCC calls the endpoint over the Internet, where this host cannot be reached."), "unreachable")
        return endpoint

    def clean(self) -> dict[str, Any]:
        """No header twice, and none without an endpoint."""
        cleaned = super().clean()
        refuse_twins(self, "headers", "name", gettext("The header “%(value)s” is here twice."), fold=str.casefold)
        if cleaned.get("headers") and not cleaned.get("endpoint") and "endpoint" not in self.errors:
            self.add_error("endpoint", _("Headers go with calls to an endpoint: give its address, or remove the headers."))
        return cleaned


class RegisterForm(RegistrationFields, ActionForm):
    """Register a provider at VCC."""

    groups = (
        Group(_("The provider"), ("key", "endpoint", "headers")),
        Group(_("What agents may do"), PERMISSIONS),
    )


def registration(cleaned: Mapping[str, Json]) -> dict[str, Json]:
    """The body of a registration in the documented order; each permission said as 0 or 1."""
    headers = {row["name"]: row["value"] for row in cleaned["headers"]}
    permitted = {name: int(cleaned[name]) for name in PERMISSIONS}
    return present({"provider": cleaned["key"], "endpoint": cleaned["endpoint"], "headers": headers, "agentactionspermitted": permitted})


def registration_fields(values: Mapping[str, Json]) -> dict[str, Json]:
    """The form data that makes this registration again."""
    headers = [{"name": name, "value": value} for name, value in values.get("headers", {}).items()]
    permitted = {name: True for name, value in values.get("agentactionspermitted", {}).items() if value}
    return present({"key": values["provider"], "endpoint": values.get("endpoint"), "headers": headers, **permitted})


# --- the catalogue ------------------------------------------------------------------------------


class RouteItemForm(ItemForm):
    """A named route and what its interaction plan expects."""

    key = TextField(max_length=200, label=_("Named route"), help_text=_("Exactly as in VCC, where it is also called an API destination."))
    description = TextField(
        max_length=300, required=False, label=_("Description"), help_text=_("What its plan does, for whoever composes.")
    )
    properties = RowsField(DeclaredRow, most=50, add_label=_("Add a property"), label=_("Properties that the plan expects"))

    def clean(self) -> dict[str, Any]:
        """No property twice."""
        cleaned = super().clean()
        refuse_twins(self, "properties", "key", gettext("The property “%(value)s” is here twice."))
        return cleaned

    def item(self) -> Item:
        """The item; what is empty is absent from its properties too."""
        made = super().item()
        rows = [{name: value for name, value in row.items() if value} for row in made.data.get("properties", ())]
        return Item(made.key, made.label, {**made.data, "properties": rows} if rows else made.data)

    def cautions(self) -> list[Caution]:
        """The vendor's warning about keys with spaces."""
        rows = self.cleaned_data.get("properties", ())
        return [Caution("properties", space_warning(row["key"])) for row in rows if has_space(row["key"])]


class SkillItemForm(ItemForm):
    """A skill."""

    key = TextField(max_length=200, label=_("Skill"), help_text=_("As configured in VCC; letter case makes no difference."))


class AgentItemForm(ItemForm):
    """An agent."""

    key = TextField(max_length=200, label=_("Username"), help_text=_("The agent's user name in VCC; letter case makes no difference."))

    def cautions(self) -> list[Caution]:
        """VCC gives no user names with spaces."""
        return [Caution("key", _("User names in VCC have no spaces."))] if " " in self.cleaned_data.get("key", "") else []


class ProviderItemForm(RegistrationFields, ItemForm):
    """A registered provider. Of its headers the names are kept and the values never: they can be secrets."""

    headers = RowsField(KnownHeaderRow, most=MOST_HEADERS, add_label=_("Add a header"), label=_("Headers"), help_text=HEADERS_HINT)
    groups = RegisterForm.groups

    def item(self) -> Item:
        """The item with the headers' names alone."""
        made = super().item()
        names = [{"name": row["name"]} for row in made.data.get("headers", ())]
        return Item(made.key, made.label, {**made.data, "headers": names} if names else made.data)
