"""What holds for every provider, held against Acoustic Campaign."""

from __future__ import annotations

from providers.acoustic import PROVIDER
from providers.types import Answer
from tests.providers.acoustic.samples import ACCOUNT, ITEMS, SAMPLES, SECRETS
from tests.providers.contract import ProviderContract


class TestAcoustic(ProviderContract):
    provider = PROVIDER
    account = ACCOUNT
    secrets = SECRETS
    items = ITEMS
    samples = SAMPLES

    def may_accept(self, answer: Answer) -> bool:
        """201 and nothing else, whatever its body holds."""
        return answer.status == 201
