"""Questions to a provider that reach nobody: whether access works, and what lists it keeps."""

from __future__ import annotations

import logging
import time

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from dashboard.models import Connection
from dashboard.services import breaker, secrets
from dashboard.services.execution import transport_for
from dashboard.services.tokens import DatabaseTokenStore
from providers import auth
from providers.base import BearerAuth
from providers.errors import ProviderError
from providers.http import Transport
from providers.types import Answer, Found, Json, Outcome, Verdict, WireRequest

log = logging.getLogger("dashboard.probe")
MOST_PAGES = 40


def try_again(connection: Connection) -> None:
    """Probe for the breaker: what fails opens it again; otherwise a trial call may follow."""
    try:
        outcome = test(connection)
    except ProviderError as error:
        outcome = Outcome(Verdict.IN_DOUBT, "desk.probe", explanation=str(error))
    if outcome.verdict is not Verdict.ACCEPTED:
        breaker.failed(connection.lane.pk, connection.vendor.limits.breaker, outcome.explanation)


def test(connection: Connection) -> Outcome:
    """A real authenticated call without effect on people; ACCEPTED when access works. Raises ProviderError."""
    transport = transport_for(connection)
    try:
        probe = connection.vendor.probe
        if probe is None:
            return _token_alone(connection, transport)
        return probe.read(_asked(connection, transport, probe.request(connection.account())))
    finally:
        transport.close()


@sensitive_variables()
def _token_alone(connection: Connection, transport: Transport) -> Outcome:
    """Where no harmless call is known, a token asked for now proves the credentials."""
    store, vendor = DatabaseTokenStore(connection), connection.vendor
    kept, account, now = secrets.read(connection=connection), connection.account(), time.time()
    fresh = isinstance(vendor.auth, BearerAuth) and not vendor.auth.least_age
    if fresh:
        store.renew(lambda: auth.fetch_token(vendor, account, kept, transport, now=now), refused=store.read())
    else:
        auth.authorization(vendor, account, kept, store, transport, now=now)
    return Outcome(Verdict.ACCEPTED, "desk.token", explanation=_("The provider gave an access token."))


@sensitive_variables()
def _asked(connection: Connection, transport: Transport, request: WireRequest) -> Answer:
    """The answer to a question, with one more try after a 401."""
    store, kept = DatabaseTokenStore(connection), secrets.read(connection=connection)
    refused = ""
    for last in (False, True):
        header = auth.authorization(connection.vendor, connection.account(), kept, store, transport, now=time.time(), refused=refused)
        answer = transport.exchange(request, authorization=header)
        if answer.status != 401 or last or not isinstance(connection.vendor.auth, BearerAuth):
            return answer
        refused = header
    raise AssertionError("The second turn returns.")


def fetch(connection: Connection, kind: str) -> list[Json]:
    """The catalogue items of one kind that the vendor lists, as {key, label, data}. Raises ProviderError."""
    vendor, account = connection.vendor, connection.account()
    assert vendor.fetch, "Only kinds that can be fetched are asked for."
    assert vendor.read_fetch, "Who can ask for a list can read it."
    transport = transport_for(connection)
    items: list[Json] = []
    page = ""
    try:
        for _number in range(MOST_PAGES):
            found: Found = vendor.read_fetch(kind, _asked(connection, transport, vendor.fetch(account, kind, page)))
            items += [{"key": item.key, "label": item.label, "data": dict(item.data)} for item in found.items]
            page = found.next_page
            if not page:
                break
    finally:
        transport.close()
    return items
