"""What happens just when a worker comes by a point, however slow the machine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from dashboard.services import failpoints
from dashboard.worker import WorkerProcess
from tests.dashboard.engine.harness import until


class Moment:
    """The first time that a worker in this process comes by a point; stands in for what FAIL_AT arms."""

    def __init__(self, point: str, do: Callable[[], object]) -> None:
        self.passed = False
        self.actions: Mapping[str, str] = {point: ""}
        self._do = do

    def action(self, point: str) -> str:
        """Nothing that a point itself can do."""
        if point in self.actions and not self.passed:
            self.passed = True
            self._do()
        return ""


@contextmanager
def at(point: str, do: Callable[[], object]) -> Iterator[Moment]:
    """Let something happen at a point in this process, once."""
    before, moment = failpoints._armed, Moment(point, do)
    failpoints._armed = moment  # type: ignore[assignment]
    try:
        yield moment
    finally:
        failpoints._armed = before


def work_past(moment: Moment) -> None:
    """Let a worker in this process come by, and end what it has in hand."""
    worker = WorkerProcess()

    def is_over() -> bool:
        worker.round()
        return moment.passed and not worker.busy

    try:
        until(is_over, "the end of what was in hand")
    finally:
        worker.stop()
        worker.finish()
