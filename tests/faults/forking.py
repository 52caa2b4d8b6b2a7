"""The parent of a herd: `python -m tests.faults.forking`.

It reads orders as lines of JSON, forks a process for each order of a line, and answers with their exit codes once all have ended.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

Order = dict[str, Any]


def main() -> None:
    """Carry out orders until there are no more."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for module in ("dashboard.worker", "tests.faults.plants", "tests.faults.tasks"):
        importlib.import_module(module)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(_together(json.loads(line))), file=answers, flush=True)


def _together(orders: Sequence[Order]) -> list[int]:
    processes = [_fork(order) for order in orders]
    return [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]


def _fork(order: Order) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        _carry_out(order)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _carry_out(order: Order) -> None:
    from django.conf import settings

    from dashboard.services import failpoints
    from tests.faults.plants import plant

    for name, value in order["settings"].items():
        setattr(settings, name, tuple(value) if isinstance(value, list) else value)
    failpoints._armed = failpoints._Armed(order["fail_at"])
    if order["plant"]:
        plant(order["plant"], setattr)
    module, _colon, function = order["task"].partition(":")
    getattr(importlib.import_module(module), function)(*order["words"])


if __name__ == "__main__":
    main()
