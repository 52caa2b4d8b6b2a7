"""Reads settings from the environment and from files named by NAME_FILE. What is wrong with one is said in a sentence that names it."""

from __future__ import annotations

import base64
from collections.abc import Collection
from math import isfinite
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
SCHEMES = ("sqlite", "postgres", "postgresql")


# --- plain values ---------------------------------------------------------------------------------


def switch(name: str, *, default: bool) -> bool:
    """True or False. Anything else is refused: a misspelt True must not switch something off."""
    text = env.str(name, default=str(default)).strip()
    if text.lower() not in (*TRUE, *FALSE):
        raise ImproperlyConfigured(f"{name} must be True or False; it is “{text}”.")
    return text.lower() in TRUE


def whole(name: str, *, default: int, least: int = 0) -> int:
    """A whole number from `least` on."""
    text = env.str(name, default=str(default)).strip()
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} on; it is “{text}”.")
    return int(text)


def number(name: str, *, default: float, least: float = 0) -> float:
    """A number from `least` on."""
    text = env.str(name, default=str(default)).strip()
    value = _number(text)
    if value is None or value < least:
        raise ImproperlyConfigured(f"{name} must be a number from {least:g} on; it is “{text}”.")
    return value


def numbers(name: str, *, default: str, least: int = 0) -> tuple[float, ...]:
    """Numbers from 0 on with commas between, `least` of them or more."""
    text = env.str(name, default=default)
    values = [_number(part) for part in text.split(",") if part.strip()]
    sound = tuple(value for value in values if value is not None and value >= 0)
    if len(sound) < max(least, len(values)):
        raise ImproperlyConfigured(f"{name} must hold numbers from 0 on with commas between, at least {least}; it is “{text}”.")
    return sound


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def word(name: str, *, default: str, allowed: Collection[str]) -> str:
    """One of the words allowed, whatever its letter case."""
    text: str = env.str(name, default=default).strip().upper()
    if text not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}; it is “{text}”.")
    return text


def text(name: str, *, longest: int) -> str:
    """A short text, empty when it is not set."""
    value: str = env.str(name, default="").strip()
    if len(value) > longest or not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be at most {longest} characters in one line; it has {len(value)}.")
    return value


# --- secrets --------------------------------------------------------------------------------------


def secret(name: str, default: str | None = None) -> str:
    """A secret from NAME, or from the file that NAME_FILE names. Raises ImproperlyConfigured when neither is there."""
    if path := env.str(f"{name}_FILE", default=""):
        return _content(f"{name}_FILE", path)
    value: str = env.str(name, default=default or "")
    if not value:
        text = f"{name} is not set. Set {name}, or {name}_FILE to the name of a file that holds it."
        raise ImproperlyConfigured(f"{text}{_missing_file()}")
    return value


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} names {path}, which cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name} names {path}, which is not text in UTF-8.") from error


def _missing_file() -> str:
    """What else may be wrong when a secret is missing: the file with all settings was not found."""
    path = env.str("ENV_FILE", default="")
    return f" ENV_FILE names {path}, which is not there." if path and not Path(path).exists() else ""


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
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must hold keys in base64.") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must hold keys of 32 bytes; one has {len(key)}.")
    return key


def database(name: str, default: str) -> dict[str, Any]:
    """Django's description of the database at an address, which is never shown: it can hold a password."""
    address = secret(name, default)
    try:
        found: dict[str, Any] = env.db_url_config(address) if address.partition(":")[0] in SCHEMES else {}
    except ValueError:
        found = {}
    if not found.get("NAME"):
        raise ImproperlyConfigured(f"{name} must be like postgres://user:password@host:port/name or sqlite:////path/to/file.")
    return found
