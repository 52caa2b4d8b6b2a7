"""Short ways to a form, a command and a body in Vonage's tests."""

from __future__ import annotations

import json
from typing import Any

from providers.fields import ActionForm, BoundRows, FormContext, HeldCatalogue, flat
from providers.types import Command, Json
from providers.vonage import PROVIDER
from tests.providers.contract import NOW, REF, Fields
from tests.providers.vonage.samples import ACCOUNT, ITEMS


def context(reference: str = REF) -> FormContext:
    """The desk as these forms see it."""
    return FormContext(ACCOUNT, reference, "Europe/London", NOW, HeldCatalogue(ITEMS))


def form(action: str, fields: Fields, reference: str = REF) -> ActionForm:
    """A composer form with that nested data, validated."""
    made = PROVIDER.action(action).form(flat(fields), context=context(reference))
    made.is_valid()
    return made


def errors(action: str, fields: Fields) -> dict[str, str]:
    """The first error of each field that has one; those of rows as `skills-0-name`."""
    made = form(action, fields)
    return {name: str(texts[0]) for name, texts in made.errors.items()} | row_errors(made)


def row_errors(made: Any) -> dict[str, str]:
    """The first error of each part of each row."""
    rows = [row for bound in made if isinstance(bound, BoundRows) for row in bound.rows]
    return {row.add_prefix(part): str(texts[0]) for row in rows for part, texts in row.errors.items()}


def command(action: str, fields: Fields, reference: str = REF) -> Command:
    """The command of a valid form."""
    made = form(action, fields, reference)
    assert made.is_valid(), (made.errors, row_errors(made))
    return PROVIDER.action(action).command(made)


def body(*commands: Command) -> Json:
    """The JSON of one call with these commands."""
    return json.loads(PROVIDER.build(ACCOUNT, commands).body)


def sent(action: str, fields: Fields) -> Json:
    """The Interaction object that these fields make."""
    return body(command(action, fields))["requests"][0]
