"""Which hosts a provider's connections may call: what the provider declares, and what the settings add."""

from __future__ import annotations

from django.conf import settings

from providers.base import Provider
from providers.outbound import Policy


def policy_for(provider: Provider) -> Policy:
    """The outbound policy of every connection to that provider."""
    return Policy(hosts=(*provider.hosts, *settings.OUTBOUND_HOSTS), loopback=settings.OUTBOUND_LOOPBACK)
