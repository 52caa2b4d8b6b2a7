"""What holds for every provider, held against Acoustic Campaign."""

from __future__ import annotations

from providers.acoustic import PROVIDER
from providers.base import Repeat
from providers.types import Answer
from tests.providers.acoustic.samples import ACCOUNT, ITEMS, SAMPLES, SECRETS
from tests.providers.contract import REF, ProviderContract


class TestAcoustic(ProviderContract):
    provider = PROVIDER
    account = ACCOUNT
    secrets = SECRETS
    items = ITEMS
    samples = SAMPLES

    def may_accept(self, answer: Answer) -> bool:
        """201 and nothing else, whatever its body holds."""
        return answer.status == 201

    def test_what_the_engine_may_do(self) -> None:
        """Ten at once for each organisation, eight by default; after a lost answer the name is tried again."""
        limits = PROVIDER.limits
        assert (limits.in_flight, limits.most_in_flight, limits.calls, limits.breaker, limits.hours_per_number) == (8, 10, 0, 5, 0)
        assert PROVIDER.repeat is Repeat.PROBE_NAME

    def test_only_names_that_end_in_the_reference_are_ours_alone(self) -> None:
        assert PROVIDER.proves(f"Autumn offer {REF}", REF)
        assert not PROVIDER.proves(f"Autumn offer {REF} 2", REF)
        assert not PROVIDER.proves(f"Autumn offer {REF}", "")
