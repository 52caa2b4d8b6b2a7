"""Brings answers from journals into the database: those of workers that are gone, and our own that could not be stored."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dashboard import crypto
from dashboard.models import Invocation
from dashboard.services import settling
from dashboard.services.failpoints import hit
from dashboard.services.journal import Entry, Journal, abandoned

log = logging.getLogger("dashboard.journal")


def replay_abandoned() -> int:
    """Settle what the journals of dead workers hold, and remove them; how many answers there were."""
    count = 0
    for path, read in abandoned():
        try:
            entries = read()
        except crypto.Unreadable:
            log.exception("A journal cannot be opened with the keys at hand; it is kept: %s", path.name)
            continue
        for entry in entries:
            settle(entry)
        path.unlink(missing_ok=True)
        count += len(entries)
    return count


def left_behind() -> list[str]:
    """The names of the journals of dead workers that hold answers, whether the keys at hand open them or not."""
    return [path.name for path, read in abandoned() if _holds_answers(read)]


def _holds_answers(read: Callable[[], list[Entry]]) -> bool:
    try:
        return bool(read())
    except crypto.Unreadable:
        return True


def replay_own(journal: Journal) -> None:
    """Settle the answers of this worker that its threads gave up storing."""
    for entry in journal.unresolved():
        settle(entry)
        journal.resolve(entry.uid)


def settle(entry: Entry) -> None:
    """Settle one answer by compare-and-set: nothing happens when the database has it already."""
    invocation = Invocation.objects.select_related("connection__lane").filter(uid=entry.uid).first()
    if invocation is None:
        log.warning("The journal names an invocation that the database does not have: %s", entry.uid)
        return
    try:
        settling.answered(invocation, entry.answer)
    except crypto.Unreadable:
        log.exception("The request of an answer in the journal cannot be opened: %s", entry.uid)
    hit("replay.entry")
