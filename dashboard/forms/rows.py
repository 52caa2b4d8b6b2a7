"""Adding and removing rows without a script: the buttons `add` and `remove` of a form with rows."""

from __future__ import annotations

from django.http import QueryDict

from providers.fields import row_indexes


def pressed(data: QueryDict) -> QueryDict | None:
    """The data with a row more or less, as the pressed button asks; None when neither button was pressed."""
    edited = data.copy()
    if name := data.get("add"):
        edited[f"{name}-{max(row_indexes(data, name), default=-1) + 1}-added"] = ""
        return edited
    if row := data.get("remove"):
        for key in [key for key in data if key.startswith(f"{row}-")]:
            del edited[key]
        return edited
    return None
