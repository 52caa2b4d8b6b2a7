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
from dashboard.services.lanes import CLOCK_SLACK

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
    "give_up": Job(reconcile.give_up, 5.0),
    "replay": Job(replaying.replay_abandoned, 5.0),
    "errands": Job(errands.ask_again_forgotten, 10.0),
    "orphans": Job(reconcile.close_orphans, 10.0),
    "workers": Job(forget_workers, 3600.0),
}


def do_due(holder: str) -> None:
    """Do every job that is due and that nobody else is doing."""
    now, due_at = time.time(), dict(Chore.objects.values_list("name", "due_at"))
    for name, job in JOBS.items():
        # One that is further ahead than it can have been set was set by a clock that was wrong.
        waits = now < due_at.get(name, 0.0) <= now + job.every + CLOCK_SLACK
        if not waits and _take(name, holder, due_at.get(name, 0.0)):
            try:
                job.do()
            finally:
                Chore.objects.filter(name=name, holder=holder).update(holder="", lease_until=0, due_at=time.time() + job.every)


def _take(name: str, holder: str, due_at: float) -> bool:
    now = time.time()
    chore = Chore.objects.get_or_create(name=name)[0]
    free = Q(holder="") | Q(lease_until__lt=now) | Q(lease_until__gt=now + settings.LANE_LEASE + CLOCK_SLACK)
    if surely_dead(chore.holder):
        free |= Q(holder=chore.holder)
    mine = Chore.objects.filter(free, name=name, due_at=due_at)
    return bool(mine.update(holder=holder, lease_until=now + settings.LANE_LEASE))
