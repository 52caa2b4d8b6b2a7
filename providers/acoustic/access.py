"""Access to Acoustic Campaign: its OAuth token, and the list of published messages, which proves access and reaches nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _

from providers.acoustic.payload import base
from providers.answers import object_of
from providers.errors import AccessRefused, BadAnswer
from providers.meanings import identity, readable
from providers.oauth import bearer_token, life, refusal_word
from providers.types import Account, Answer, Found, Item, Json, Outcome, Secrets, Token, Verdict, WireRequest

LIFE = 14_400.0
"""Seconds that a new token lives. Source: the vendor's OAuth pages ("good for up to 4 hours")."""
LEAST_AGE = 10_860.0
"""Seconds between two requests for a token: the vendor says no more than every 3.01 hours (10,836 s)."""
RENEW_BEFORE = LIFE - LEAST_AGE
REFUSALS = frozenset({"invalid_client", "invalid_token", "invalid_grant", "unauthorized_client", "access_denied"})
"""OAuth errors that mean the credentials. The vendor's own clients know the first two; the others are RFC 6749's."""


def token_request(account: Account, secrets: Secrets) -> WireRequest:
    """The request for a token. Secrets travel in the form body, never in the address. Raises NotConfigured."""
    form = {
        "grant_type": "refresh_token",
        "client_id": secrets["client_id"],
        "client_secret": secrets["client_secret"],
        "refresh_token": secrets["refresh_token"],
    }
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
    return WireRequest("POST", f"{base(account)}/oauth/token", headers, urlencode(form).encode())


def read_token(answer: Answer, now: float) -> Token:
    """The token in an answer that arrived at `now` (epoch seconds). Raises AccessRefused or BadAnswer.

    In its first three hours the vendor gives the same token again, so it may be older than the answer: its beginning is
    reckoned from its end. One that is given in its last hour all the same is used to its end before another is asked for.
    """
    said = object_of(answer)
    if answer.status != 200:
        raise _refusal(answer.status, said)
    value, seconds = bearer_token(said, answer.status, "Acoustic"), life(said, LIFE)
    age_at_end = LIFE if seconds > RENEW_BEFORE else LEAST_AGE
    return Token(value, issued_at=now + seconds - age_at_end, expires_at=now + seconds)


def _refusal(status: int, said: Mapping[str, Json]) -> BadAnswer:
    """What the vendor's error means. Only its status and its `error` word are relied on."""
    code = refusal_word(said)
    named = {"status": status, "code": f", {code}" if code else ""}
    if code in REFUSALS or status in (401, 403):
        text = _("Acoustic refused the client ID, the client secret or the refresh token (status %(status)s%(code)s).")
        return AccessRefused(text % named, status, code)
    return BadAnswer(_("Acoustic gave no token (status %(status)s%(code)s).") % named, status, code)


def list_messages(account: Account, kind: str, page: str) -> WireRequest:
    """The list of published SMS messages; `page` is the query of the next page. Raises NotConfigured.

    Source: the vendor's Swagger for /channels, "Retrieve published messages for sms or push".
    """
    address = f"{base(account)}/rest/channels/SMS/publishedmessages"
    return WireRequest("GET", f"{address}?{page}" if page else address, (("Accept", "application/json"),))


def probe(account: Account) -> WireRequest:
    """A call that reaches nobody: the first page of published messages."""
    return list_messages(account, "message", "")


def read_messages(kind: str, answer: Answer) -> Found:
    """The published messages of one page. Raises AccessRefused or BadAnswer."""
    if answer.status in (401, 403):
        raise AccessRefused(read_probe(answer).explanation, answer.status)
    said = object_of(answer)
    if answer.status != 200 or not isinstance(said.get("data"), list):
        raise BadAnswer(
            _("Acoustic did not answer with a list of published messages (status %(status)s).") % {"status": answer.status}, answer.status
        )
    return Found(items=list(_items(said["data"])), next_page=_next_page(said))


def _items(rows: list[Json]) -> Iterator[Item]:
    for row in rows:
        if isinstance(row, Mapping) and isinstance(key := row.get("id"), str) and readable(key, 36):
            name = row.get("name")
            source = row.get("contactSourceId")
            source = source if isinstance(source, str) and re.fullmatch(r"[0-9]{1,19}", source) else identity(source)
            data = {"contact_source": source} if source else {}
            yield Item(readable(key, 36), readable(name, 200) if isinstance(name, str) else "", data)


def _next_page(said: Mapping[str, Json]) -> str:
    """The query of the next page. The rest of its address is ignored: the vendor's sample names an internal host."""
    meta = said.get("meta")
    address = meta.get("nextPageUrl") if isinstance(meta, Mapping) else None
    if not address:
        return ""
    try:
        query = urlsplit(address).query if isinstance(address, str) else ""
    except ValueError:
        query = ""
    if not re.fullmatch(r"(?:[A-Za-z0-9_.~=&+\-]|%[0-9A-Fa-f]{2}){1,300}", query):
        raise BadAnswer(_("Acoustic says that the list goes on, but not where."))
    return query


def read_probe(answer: Answer) -> Outcome:
    """Whether the list of published messages came; otherwise what is wrong, in our words."""
    said = object_of(answer)
    if answer.status == 200 and isinstance(said.get("data"), list):
        return Outcome(Verdict.ACCEPTED, "acoustic.access", explanation=_("Acoustic gave access and listed its published messages."))
    if answer.status == 401:
        text = _("Acoustic refused the access token: the client ID, the client secret or the refresh token is wrong or was revoked.")
    elif answer.status == 403:
        text = _("Acoustic knows these credentials, but the organisation or the user behind them is not enabled for SMS.")
    elif answer.status == 404:
        text = _("There is no Acoustic REST API at this address. Check the pod or the base address.")
    else:
        text = _("Acoustic did not answer with a list of published messages (status %(status)s).") % {"status": answer.status}
    return Outcome(Verdict.REJECTED, "acoustic.no_access", explanation=text)
