"""Reads settings from the environment and from files named by NAME_FILE, and says clearly what is wrong with them."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def secret(name: str, default: str | None = None) -> str:
    """A secret from NAME, or from the file that NAME_FILE names. Raises ImproperlyConfigured when neither is there."""
    if path := env.str(f"{name}_FILE", default=""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    value: str = env.str(name, default=default or "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set {name}, or {name}_FILE to the name of a file that holds it.")
    return value


def secret_list(name: str) -> list[str]:
    """Comma-separated secrets from NAME or NAME_FILE; none when neither is there."""
    given = env.str(f"{name}_FILE", default="") or env.str(name, default="")
    return [part.strip() for part in secret(name).split(",") if part.strip()] if given else []


def keys(name: str) -> tuple[bytes, ...]:
    """Comma-separated keys of 32 bytes each in base64, the first one in use, the others still opening."""
    found = tuple(_key(name, text.strip()) for text in secret(name).split(",") if text.strip())
    if not found:
        raise ImproperlyConfigured(f"{name} holds no key.")
    return found


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name} must hold keys in base64.") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must hold keys of 32 bytes; one has {len(key)}.")
    return key
