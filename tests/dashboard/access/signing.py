"""Signing in as people do, by the form."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests import factories

LONG = "another long enough password"


def sign_in(client: Client, username: str, password: str = factories.PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, **more})
