"""What somebody typed when the session had ended: sealed into the sign-in page, and handed back after signing in.

Nothing is stored. Only forms whose content may be shown again are kept: no page with passwords or secrets.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from dashboard import crypto
from dashboard.roles import Permission

KEEPING = frozenset({Permission.COMPOSE, Permission.EDIT_CATALOGUE})
"""Pages that need one of these hold nothing secret."""
MOST = 300_000
"""Bytes of a form that are kept: more than the largest request of any provider."""
PLACE = "kept form"
LEFT_OUT = ("csrfmiddlewaretoken", "intent")
"""The old proof, and which button was pressed: without it the composer shows the form again and sends nothing by itself."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was sent without a session."""

    path: str
    fields: tuple[tuple[str, str], ...]


def seal(request: HttpRequest, needed: tuple[Permission, ...]) -> str:
    """The form of this request as sealed text; empty when it is not one to keep."""
    if not KEEPING & set(needed) or request.FILES:
        return ""
    fields = [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in LEFT_OUT]
    plain = json.dumps({"path": request.path, "fields": fields, "at": time.time()}).encode()
    return base64.urlsafe_b64encode(crypto.seal(plain, PLACE)).decode() if len(plain) <= MOST else ""


def unseal(text: str) -> Kept | None:
    """The form that `seal` made, if it is one and not older than a form may be."""
    try:
        stored = json.loads(crypto.unseal(base64.urlsafe_b64decode(text), PLACE)) if text else None
    except (binascii.Error, ValueError, crypto.Unreadable):
        return None
    if not stored or time.time() - stored["at"] > settings.FORM_LIFE:
        return None
    return Kept(stored["path"], tuple((name, value) for name, value in stored["fields"]))
