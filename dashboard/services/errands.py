"""Errands: questions to a provider that reach nobody. Pages ask them; the worker performs them."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.choices import ErrandState
from dashboard.models import Connection, Errand, Person
from dashboard.services import audit, probing
from providers.errors import ProviderError
from providers.types import Verdict

TEST = "test"
FETCH = "fetch:"
log = logging.getLogger("dashboard.errands")


def ask(*, connection: Connection, what: str, by: Person | str) -> Errand:
    """Ask for an errand (`test`, or `fetch:` and a catalogue kind); one that is still open is returned instead."""
    name = by.username if isinstance(by, Person) else by
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        waiting = Errand.objects.filter(connection=connection, what=what, state__in=[ErrandState.ASKED, ErrandState.RUNNING])
        return waiting.first() or Errand.objects.create(connection=connection, what=what, asked_at=timezone.now(), asked_by_name=name)


def next_asked() -> Errand | None:
    """Take the oldest errand that nobody performs; None when there is none, or somebody else was quicker."""
    errand = Errand.objects.filter(state=ErrandState.ASKED).select_related("connection__lane").order_by("pk").first()
    if errand is None:
        return None
    mine = Errand.objects.filter(pk=errand.pk, state=ErrandState.ASKED)
    return errand if mine.update(state=ErrandState.RUNNING, started_at=timezone.now()) else None


def ask_again_forgotten() -> None:
    """Put back the errands of workers that are gone."""
    old = timezone.now() - timedelta(seconds=4 * settings.CALL_DEADLINE)
    Errand.objects.filter(state=ErrandState.RUNNING, started_at__lt=old).update(state=ErrandState.ASKED, started_at=None)


def perform(errand: Errand) -> None:
    """Ask the provider and keep the answer in our words."""
    try:
        if errand.what == TEST:
            _test(errand)
        else:
            _fetch(errand)
    except ProviderError as error:
        _finish(errand, ErrandState.FAILED, str(error))
    except Exception:
        log.exception("An errand failed in a way that nobody foresaw: %s", errand.what)
        _finish(errand, ErrandState.FAILED, _("It failed for a reason that nobody foresaw; the log says more."))


def _test(errand: Errand) -> None:
    outcome = probing.test(errand.connection)
    works = outcome.verdict is Verdict.ACCEPTED
    _finish(errand, ErrandState.DONE if works else ErrandState.FAILED, outcome.explanation or outcome.said)


def _fetch(errand: Errand) -> None:
    found = probing.fetch(errand.connection, errand.what.removeprefix(FETCH))
    said = ngettext("%(count)s found.", "%(count)s found.", len(found)) % {"count": len(found)}
    _finish(errand, ErrandState.DONE, said, found=found)


def _finish(errand: Errand, state: ErrandState, said: str, **fields: object) -> None:
    running = Errand.objects.filter(pk=errand.pk, state=ErrandState.RUNNING)
    with transaction.atomic():
        if running.update(state=state, said=said[:500], done_at=timezone.now(), **fields) and errand.what == TEST:
            detail = {"name": errand.connection.name, "result": said[:500]}
            asked_by = Person.objects.filter(username=errand.asked_by_name).first() or errand.asked_by_name
            audit.record(asked_by, "connection.tested", obj=errand.connection, detail=detail)
