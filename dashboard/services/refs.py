"""Short references: the keys of dispatches in addresses, form tokens and idempotency keys."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 10


def new_ref() -> str:
    """A random reference of ten characters, without letters and digits that look alike."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def refs_of(ref: str, count: int) -> list[str]:
    """The references of `count` dispatches that come in one submission: its own first, the others made from it.

    They are a function of the first, so that a repeated submission makes the same keys again.
    """
    return [ref, *(_derived(ref, position) for position in range(1, count))]


def _derived(ref: str, position: int) -> str:
    digest = hashlib.sha256(f"{ref}|{position}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])
