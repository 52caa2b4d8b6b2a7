"""Lists of small forms inside a form, and nested form data as it is posted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from providers.choices import equip, look_up
from providers.types import Json


class RowsWidget(forms.Widget):
    """Reads `name-0-part`, `name-1-part` … into a list of (index, values)."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[int]:
        """The indexes of the rows that the data holds, ascending."""
        return row_indexes(data, name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Rows are never omitted: none is a value too."""
        return False


def row_indexes(data: Mapping[str, Any], name: str) -> list[int]:
    """The indexes under which `data` holds parts of rows of that name."""
    found = (re.fullmatch(re.escape(name) + r"-([0-9]{1,4})-[a-z_]+", key) for key in data)
    return sorted({int(match[1]) for match in found if match})


class RowForm(forms.Form):
    """One row of a RowsField. A row that is blank in every part named in `blank_when` is left out."""

    blank_when: ClassVar[tuple[str, ...]] = ()
    use_required_attribute = False

    def is_blank(self) -> bool:
        """Whether nothing was typed in the parts that make a row."""
        return not any(str(self[part].value() or "").strip() for part in self.blank_when)

    def full_clean(self) -> None:
        """A blank row is no row: nothing in it is wrong."""
        if self.is_bound and self.is_blank():
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()


class RowsField(forms.Field):
    """A list of small forms, each of class `row`. Its clean value is the list of their cleaned data."""

    widget = RowsWidget

    def __init__(self, row: type[RowForm], *, most: int = 100, add_label: str | Promise = "", **options: Any) -> None:
        self.row, self.most, self.add_label = row, most, add_label or _("Add a row")
        options.setdefault("required", False)
        super().__init__(**options)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundRows:
        """The field with its rows."""
        return BoundRows(form, self, field_name)

    def clean(self, value: Any) -> Any:
        """Cleaning needs the rows' own data, so the form does it: see `RowsMixin`."""
        return value


class BoundRows(BoundField):
    """A RowsField in a form: gives its row forms to templates."""

    field: RowsField

    @property
    def rows(self) -> list[RowForm]:
        """The row forms, bound when the form is."""
        cached: list[RowForm] | None = getattr(self, "_rows", None)
        if cached is None:
            cached = self._rows = list(self._make_rows())
            if context := getattr(self.form, "context", None):
                look_up(cached, context)
        return cached

    def _make_rows(self) -> Iterator[RowForm]:
        if self.form.is_bound:
            for index in row_indexes(self.form.data, self.html_name):
                yield self._equipped(self.field.row(self.form.data, prefix=f"{self.html_name}-{index}"))
        else:
            for index, values in enumerate(self.form.get_initial_for_field(self.field, self.name) or ()):
                yield self._equipped(self.field.row(initial=values, prefix=f"{self.html_name}-{index}"))

    def _equipped(self, row: RowForm) -> RowForm:
        if context := getattr(self.form, "context", None):
            equip(row, context)
        return row

    @property
    def next_index(self) -> int:
        """The index of a row yet to be added."""
        taken = row_indexes(self.form.data, self.html_name) if self.form.is_bound else range(len(self.rows))
        return max(taken, default=-1) + 1


class RowsMixin(forms.Form):
    """Cleans the RowsFields of a form: each row on its own, errors staying with their rows."""

    def clean(self) -> dict[str, Any]:
        """Replace each RowsField's value by its rows' cleaned data."""
        cleaned = super().clean() or self.cleaned_data
        for name, form_field in self.fields.items():
            if isinstance(form_field, RowsField):
                cleaned[name] = self._clean_rows(name, form_field)
        return cleaned

    def _clean_rows(self, name: str, rows_field: RowsField) -> list[dict[str, Any]]:
        bound = self[name]
        assert isinstance(bound, BoundRows)
        rows = [row for row in bound.rows if not row.is_blank()]
        if len(rows) > rows_field.most:
            self.add_error(name, ValidationError(_("At most %(most)s rows."), "too_many", {"most": rows_field.most}))
        if wrong := [position for position, row in enumerate(rows, start=1) if not row.is_valid()]:
            text = ngettext("Row %(rows)s needs attention.", "Rows %(rows)s need attention.", len(wrong))
            self.add_error(name, ValidationError(text, "rows", {"rows": ", ".join(map(str, wrong))}))
        return [row.cleaned_data for row in rows if row.is_valid()]


def takes(form: forms.BaseForm, name: str) -> bool:
    """Whether a flat name is a field of the form, or a part of one of its rows, like `skills-0-name`."""
    row = re.fullmatch(r"(.+)-[0-9]{1,4}-([a-z_]+)", name)
    field = form.fields.get(row[1] if row else name)
    if isinstance(field, RowsField):
        return row is not None and row[2] in field.row.base_fields
    return name in form.fields


def flat(fields: Mapping[str, Json]) -> dict[str, str]:
    """Nested form data (`{"skills": [{"name": "Billing"}]}`) as the flat names that forms read (`skills-0-name`).

    Raises ValueError for a list that holds anything but rows.
    """
    data: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            data |= {f"{name}:{part}": str(inner) for part, inner in value.items() if inner is not None}
        elif isinstance(value, (list, tuple)):
            for index, row in enumerate(value):
                if not isinstance(row, Mapping):
                    raise ValueError(gettext("“%(name)s” must be a list of objects.") % {"name": name})
                data |= {f"{name}-{index}-{part}": inner for part, inner in flat(row).items()}
        elif value is True:
            data[name] = "on"
        elif value is not None and value is not False:
            data[name] = str(value)
    return data
