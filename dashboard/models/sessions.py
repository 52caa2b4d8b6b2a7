"""Sessions, with a column for whose they are: so that people can see and end their own. This module is the session engine."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """One browser. What it holds beside its person is read with `get_decoded`."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """The engine that keeps these rows."""
        return SessionStore

    @property
    def mark(self) -> str:
        """The name of this session in the audit trail."""
        return mark_of(self.session_key)


def mark_of(session_key: str | None) -> str:
    """A short digest of a session's key, from which nobody gets the key; empty without one."""
    return sha256(session_key.encode()).hexdigest()[:16] if session_key else ""


class SessionStore(DatabaseStore):
    """Django's own engine, which also notes in a column whose session it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of these data, under the person who is signed in."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.person_id = data.get(SESSION_KEY)
        return row
