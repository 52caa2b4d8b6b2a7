"""Encryption at rest: AES-256-GCM under a keyring from outside the database, bound to the place of each value."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

VERSION = b"\x01"
ID_BYTES, NONCE_BYTES = 4, 12


class Unreadable(Exception):
    """A sealed value cannot be opened: the key is missing, or the value was changed or moved."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys in use. The first one seals; all of them open."""

    keys: tuple[bytes, ...] = field(repr=False)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` so that it can be opened only at `place` (table, row, field)."""
        nonce = os.urandom(NONCE_BYTES)
        head = VERSION + key_id(self.keys[0])
        return head + nonce + AESGCM(self.keys[0]).encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made for that place; raises Unreadable."""
        head, nonce, body = sealed[:5], sealed[5 : 5 + NONCE_BYTES], sealed[5 + NONCE_BYTES :]
        key = next((key for key in self.keys if VERSION + key_id(key) == head), None)
        if key is None:
            raise Unreadable(_("No key in DESK_KEYS opens this value."))
        try:
            return AESGCM(key).decrypt(nonce, body, head + place.encode())
        except InvalidTag as error:
            raise Unreadable(_("The value was changed or moved.")) from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value was sealed with the first key."""
        return sealed[:5] == VERSION + key_id(self.keys[0])


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key without telling anything about it."""
    return hashlib.sha256(b"dispatch-desk key id" + key).digest()[:ID_BYTES]


def keyring() -> Keyring:
    """The keyring of the settings."""
    return Keyring(tuple(settings.DESK_KEYS))


def seal(plain: bytes, place: str) -> bytes:
    """Encrypt under the settings' keyring."""
    return keyring().seal(plain, place)


def unseal(sealed: bytes | memoryview, place: str) -> bytes:
    """Decrypt under the settings' keyring; raises Unreadable."""
    return keyring().open(bytes(sealed), place)


def number_hash(e164: str) -> str:
    """The keyed hash under which a telephone number is found without being stored in clear."""
    return hmac.new(settings.NUMBER_KEY, e164.encode(), hashlib.sha256).hexdigest()


def fingerprint(secret: str) -> str:
    """Eight characters that tell two secrets apart and nothing else about them."""
    return hmac.new(settings.NUMBER_KEY, b"fingerprint" + secret.encode(), hashlib.sha256).hexdigest()[:8]
