"""What holds for every provider, held against CCAI Platform."""

from __future__ import annotations

import json

from providers.base import Repeat
from providers.ccai import PROVIDER
from providers.types import Answer
from tests.providers.ccai.samples import ACCOUNT, ITEMS, SAMPLES, SECRETS
from tests.providers.contract import ProviderContract


class TestCcai(ProviderContract):
    provider = PROVIDER
    account = ACCOUNT
    secrets = SECRETS
    items = ITEMS
    samples = SAMPLES

    def may_accept(self, answer: Answer) -> bool:
        """200 with a whole JSON object whose id is a whole number."""
        try:
            chat = json.loads(answer.body)
        except (ValueError, RecursionError):
            return False
        return answer.status == 200 and answer.complete and isinstance(chat, dict) and type(chat.get("id")) is int

    def test_what_the_engine_may_do(self) -> None:
        """Eight calls of the vendor's ten a second, four at once, one text to a number in a day; never a repeat."""
        limits = PROVIDER.limits
        assert (limits.in_flight, limits.calls, limits.per_seconds, limits.breaker, limits.hours_per_number) == (4, 8, 1.0, 3, 24)
        assert PROVIDER.repeat is Repeat.NEVER
