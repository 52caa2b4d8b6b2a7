"""Where an account's API is, and access to it: the token request and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.addresses import AddressField
from providers.answers import object_of
from providers.errors import AccessRefused, BadAnswer, NotConfigured
from providers.fields import SettingsForm
from providers.oauth import bearer_token, life, refusal_word
from providers.types import Account, Answer, Json, Secrets, Token, WireRequest

REGIONS = {"emea": _("Europe, Middle East and Africa (emea)"), "nam": _("North America (nam)"), "apac": _("Asia-Pacific (apac)")}
SCOPE = "interactions:write"
HOSTS = ("*.api.newvoicemedia.com", "*.cc.vonage.com", "*.api.cc.vonage.com")
RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is renewed."""
USUAL_LIFE = 7_200
"""Seconds that a token lives. Source: Authentication API, "always 7200"."""
ABOUT_CREDENTIALS = frozenset({"invalid_client", "unauthorized_client", "access_denied", "invalid_grant"})


class ConnectionForm(SettingsForm):
    """Where a Vonage Contact Center account lives."""

    region = forms.ChoiceField(
        label=_("Region"),
        choices=[("", _("Choose…")), *REGIONS.items(), ("custom", _("Other addresses"))],
        help_text=_("Where your account is hosted: the first part of the address at which you sign in."),
    )
    api_url = AddressField(
        required=False,
        label=_("API address"),
        help_text=_("Only for other addresses: what stands before /interactions, like https://emea.api.newvoicemedia.com."),
    )
    token_url = AddressField(
        required=False,
        label=_("Token address"),
        help_text=_("Only for other addresses: in full, like https://emea.cc.vonage.com/Auth/connect/token."),
    )

    def clean(self) -> dict[str, Any]:
        """Both addresses go with “other addresses”, and only with it."""
        cleaned = super().clean() or self.cleaned_data
        custom = cleaned.get("region") == "custom"
        for name in ("api_url", "token_url"):
            if custom and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(_("Give this address, or choose a region."), "required"))
            elif "region" in cleaned and not custom:
                cleaned[name] = ""
        return cleaned


def api_address(account: Account) -> str:
    """What stands before /interactions. Raises NotConfigured."""
    return _address(account, "api_url", "https://{region}.api.newvoicemedia.com")


def token_address(account: Account) -> str:
    """Where tokens are asked for. Raises NotConfigured."""
    return _address(account, "token_url", "https://{region}.cc.vonage.com/Auth/connect/token")


def _address(account: Account, name: str, pattern: str) -> str:
    region = account.settings.get("region", "")
    if region in REGIONS:
        return pattern.format(region=region)
    if address := account.settings.get(name, ""):
        return address.rstrip("/")
    raise NotConfigured(gettext("The connection “%(name)s” has no region and no address of its own.") % {"name": account.name})


def token_request(account: Account, secrets: Secrets) -> WireRequest:
    """The request for a token by client credentials, sent as a form: the only content type the vendor takes there."""
    form = {
        "grant_type": "client_credentials",
        "client_id": secrets["client_id"],
        "client_secret": secrets["client_secret"],
        "scope": SCOPE,
    }
    headers = (("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"))
    return WireRequest("POST", token_address(account), headers, urlencode(form).encode())


def read_token(answer: Answer, now: float) -> Token:
    """The token in an answer that arrived at `now` (epoch seconds). Raises AccessRefused or BadAnswer."""
    said = object_of(answer)
    if answer.status != 200:
        raise _refusal(answer.status, said)
    value = bearer_token(said, answer.status, "Vonage")
    return Token(value, issued_at=now, expires_at=now + life(said, USUAL_LIFE))


def _refusal(status: int, said: Mapping[str, Json]) -> BadAnswer:
    """What the vendor's error means. Only its status and its `error` word are relied on."""
    code = refusal_word(said)
    if code == "invalid_scope":
        return AccessRefused(
            gettext("Vonage gave no token: the credential lacks the right “interactions:write”. An admin user of VCC can grant it."),
            status,
            code,
        )
    if code in ABOUT_CREDENTIALS or status in (401, 403):
        return AccessRefused(
            gettext("Vonage refused the client ID or the client secret (status %(status)s).") % {"status": status}, status, code
        )
    text = gettext("Vonage gave no token: its answer had the status %(status)s%(code)s.")
    return BadAnswer(text % {"status": status, "code": f" ({code})" if code else ""}, status, code)
