"""What holds for every provider, held against Vonage Contact Center."""

from __future__ import annotations

import json

from providers.types import Answer
from providers.vonage import PROVIDER
from tests.providers.contract import ProviderContract
from tests.providers.vonage.samples import ACCOUNT, ITEMS, SAMPLES, SECRETS


class TestVonage(ProviderContract):
    provider = PROVIDER
    account = ACCOUNT
    secrets = SECRETS
    items = ITEMS
    samples = SAMPLES

    def may_accept(self, answer: Answer) -> bool:
        """200 with a whole JSON array that names at most some of the keys: the others were accepted."""
        try:
            return answer.status == 200 and answer.complete and isinstance(json.loads(answer.body), list)
        except (ValueError, RecursionError):
            return False
