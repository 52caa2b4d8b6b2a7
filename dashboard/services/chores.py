"""Periodic jobs that one worker at a time does, under a lease of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from dashboard.models import Chore, Worker
from dashboard.services import errands, reconcile, replaying
from dashboard.services.identity import surely_dead

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """What is done, and how many seconds lie between two times."""

    do: Callable[[], object]
    every: float


def forget_workers() -> None:
    """Remove workers that were not seen for a day."""
    Worker.objects.filter(seen_at__lt=timezone.now() - DAY).delete()


JOBS: Mapping[str, Job] = {
    "give_up": Job(reconcile.give_up, 2.0),
    "replay": Job(replaying.replay_abandoned, 3.0),
    "errands": Job(errands.ask_again_forgotten, 10.0),
    "orphans": Job(reconcile.close_orphans, 10.0),
    "workers": Job(forget_workers, 3600.0),
}


def do_due(holder: str) -> None:
    """Do every job that is due and that nobody else is doing."""
    due = set(Chore.objects.filter(due_at__gt=time.time()).values_list("name", flat=True))
    for name, job in JOBS.items():
        if name not in due and _take(name, holder):
            try:
                job.do()
            finally:
                Chore.objects.filter(name=name, holder=holder).update(holder="", lease_until=0, due_at=time.time() + job.every)


def _take(name: str, holder: str) -> bool:
    now = time.time()
    chore = Chore.objects.get_or_create(name=name)[0]
    free = Q(holder="") | Q(lease_until__lt=now)
    if surely_dead(chore.holder):
        free |= Q(holder=chore.holder)
    mine = Chore.objects.filter(free, name=name, due_at__lte=now)
    return bool(mine.update(holder=holder, lease_until=now + settings.LANE_LEASE))
