"""The providers the desk offers: one line each."""

from __future__ import annotations

from providers.acoustic import PROVIDER as ACOUSTIC
from providers.base import Provider
from providers.ccai import PROVIDER as CCAI
from providers.vonage import PROVIDER as VONAGE

PROVIDERS: dict[str, Provider] = {provider.key: provider for provider in (VONAGE, ACOUSTIC, CCAI)}


def provider(key: str) -> Provider:
    """The provider of that key; raises KeyError when none is registered under it."""
    return PROVIDERS[key]
