"""The form field of a base address: how it may be written. Which hosts may be called is decided by `outbound`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

BASE = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?(/[A-Za-z0-9_~\-][A-Za-z0-9_~.\-]*)*", re.ASCII)


class AddressField(forms.CharField):
    """A base address like https://api.example.com: scheme, host, perhaps port and path. Clean value: no slash at the end."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.URLInput)
        options.setdefault("max_length", 200)
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The address with its scheme and host in lower case; refuses user names, queries and fragments."""
        text = (super().to_python(value) or "").rstrip("/")
        if not text:
            return ""
        if not BASE.fullmatch(text) or not _has_port_in_range(text):
            raise ValidationError(
                _("Enter a base address like https://api.example.com: no user name, no “?” and no “#”, ASCII letters only."), "invalid"
            )
        parts = urlsplit(text)
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}"


def _has_port_in_range(text: str) -> bool:
    try:
        return urlsplit(text).port != 0
    except ValueError:
        return False
