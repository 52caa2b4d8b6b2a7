"""Runs `manage.py compose` as a terminal does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management import CommandError, call_command

from dashboard.models import Dispatch


@dataclass
class Ran:
    """How a run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def body(self) -> Any:
        return json.loads(self.out.partition("\n\n")[2])


Run = Callable[..., Ran]


def compose(*words: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("compose", *words, stdout=out, stderr=err)
        code = 0
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    except SystemExit as ended:
        code = int(ended.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def refused(ran: Ran, *sentences: str) -> None:
    """Invalid input: 64, every sentence said, nothing recorded, nothing printed."""
    assert (ran.code, ran.out) == (64, "")
    for sentence in sentences:
        assert sentence in ran.err
    assert not Dispatch.objects.exists()
