"""Makes exact calls out of claimed rows: new ones packed and built, unanswered ones exactly as they left before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dashboard import crypto
from dashboard.models import Connection, Dispatch, Invocation
from dashboard.services.failpoints import hit
from providers.errors import CannotExpress, NotConfigured
from providers.redact import hide, mask_personal
from providers.types import Command, WireRequest

AUTHORIZATION = "Authorization"


@dataclass(frozen=True, slots=True)
class Call:
    """Rows that travel together, and the request that carries them."""

    rows: tuple[Dispatch, ...]
    request: WireRequest
    shown: str
    """The body with personal values masked."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row that cannot be sent, and why."""

    row: Dispatch
    reason: str
    crashed: bool = False
    """True when building its request failed in a way that nobody foresaw."""


@dataclass(slots=True)
class Plan:
    """What to do with a chunk of claimed rows."""

    calls: list[Call] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)


def plan(connection: Connection, rows: Sequence[Dispatch]) -> Plan:
    """The calls that carry these rows, in their order. Raises crypto.Unreadable or NotConfigured where no row can be sent."""
    made = Plan()
    for group in _together(rows):
        if group[0].unanswered:
            _repeat(connection, group, made)
        else:
            _build(connection, group, made)
    hit("plan.built")
    return made


def _together(rows: Sequence[Dispatch]) -> list[list[Dispatch]]:
    """Rows by what keeps them together: their call group, an unanswered attempt, or nothing but their order."""
    groups: dict[tuple[bool, str], list[Dispatch]] = {}
    for row in rows:
        groups.setdefault((row.unanswered, row.call_group), []).append(row)
    return list(groups.values())


def _repeat(connection: Connection, rows: Sequence[Dispatch], made: Plan) -> None:
    """The stored bytes again, with all the keys that they carry."""
    by_invocation: dict[int, list[Dispatch]] = {}
    for row in rows:
        attempt = row.tries.filter(invocation__marked_at__isnull=False).order_by("-number").first()
        if attempt is None:
            # Its attempts were in the part of the database that a restore has lost: the command makes the same bytes.
            _build(connection, [row], made)
        else:
            by_invocation.setdefault(attempt.invocation_id, []).append(row)
    for pk, members in by_invocation.items():
        earlier = Invocation.objects.get(pk=pk)
        made.calls.append(Call(tuple(members), stored_request(earlier), earlier.request_shown))


def stored_request(invocation: Invocation) -> WireRequest:
    """The request of an invocation exactly as it was made, without its credential."""
    body = crypto.unseal(invocation.request_sealed, invocation.place("request"))
    headers = tuple((name, value) for name, value in invocation.headers if name != AUTHORIZATION)
    keys = invocation.tries.order_by("pk").values_list("dispatch__key", flat=True)
    return WireRequest(invocation.method, invocation.url, headers, body, tuple(keys))


def _build(connection: Connection, rows: Sequence[Dispatch], made: Plan) -> None:
    try:
        made.calls.extend(_packed(connection, rows))
    except (crypto.Unreadable, NotConfigured):
        raise
    except Exception as error:
        if len(rows) > 1:
            for row in rows:
                _build(connection, [row], made)
        else:
            made.unfit.append(Unfit(rows[0], str(error), crashed=not isinstance(error, CannotExpress)))


def _packed(connection: Connection, rows: Sequence[Dispatch]) -> list[Call]:
    vendor, account = connection.vendor, connection.account()
    waiting = [(row, row.command()) for row in rows]
    hit("plan.opened")
    calls = []
    while waiting:
        count = max(1, vendor.pack(account, [command for _row, command in waiting]))
        taken, waiting = waiting[:count], waiting[count:]
        commands = [command for _row, command in taken]
        request = vendor.build(account, commands)
        calls.append(Call(tuple(row for row, _command in taken), request, _shown(connection, request, commands)))
    return calls


def _shown(connection: Connection, request: WireRequest, commands: Sequence[Command]) -> str:
    summaries = [connection.vendor.action(command.action).summarise(command) for command in commands]
    body = hide(request.body.decode(errors="replace"), [secret for summary in summaries for secret in summary.secrets])
    return mask_personal(body, {number for summary in summaries for number in summary.personal})
