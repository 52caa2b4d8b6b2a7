"""Requests as curl commands: what is about to be sent, and what was sent, with a placeholder for the credential."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from dashboard.models import Invocation
from providers.base import BasicAuth, Provider
from providers.redact import SECRET_HEADERS
from providers.types import Account


def credential_header(vendor: Provider) -> str:
    """The Authorization header with a placeholder in place of the credential."""
    return "Basic <USERNAME:TOKEN in base64>" if isinstance(vendor.auth, BasicAuth) else "Bearer <ACCESS_TOKEN>"


def credential(account: Account, vendor: Provider) -> list[str]:
    """The curl options that stand for the credential, with a placeholder in its place."""
    if isinstance(vendor.auth, BasicAuth):
        return ["--user", f"{vendor.auth.username(account)}:<TOKEN>"]
    return ["--header", f"Authorization: {credential_header(vendor)}"]


def curl(method: str, url: str, headers: Iterable[Sequence[str]], body: str, access: list[str]) -> str:
    """A request as one curl command: every byte of the body as it leaves."""
    lines = [["curl", "--request", method, url], access]
    lines += [["--header", f"{name}: {value}"] for name, value in headers]
    if body:
        lines.append(["--data-raw", body])
    return " \\\n  ".join(shlex.join(line) for line in lines)


def curl_of(call: Invocation, account: Account, vendor: Provider) -> str:
    """A call as it was sent, telephone numbers masked as everywhere."""
    headers = [(name, value) for name, value in call.headers if name.lower() not in SECRET_HEADERS]
    return curl(call.method, call.url, headers, call.request_shown, credential(account, vendor))
