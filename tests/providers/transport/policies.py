"""The vendors' hosts, with this machine forbidden and permitted."""

from __future__ import annotations

from providers.outbound import Policy

HOSTS = ("*.api.newvoicemedia.com", "*.cc.vonage.com", "api-campaign-*.goacoustic.com", "*.ccaiplatform.com")
STRICT = Policy(HOSTS)
LOOSE = Policy(HOSTS, loopback=True)
