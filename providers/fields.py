"""Form fields and form bases that the providers share. Every message says what is wrong and what is allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_countries.data import COUNTRIES

from providers.types import Account, Item, Json

MONTH_OF_SECONDS = 2_678_399
"""31 days less a second: VCC's highest time-out and expiry."""
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


# --- text ---------------------------------------------------------------------------------------


class TextField(forms.CharField):
    """One line of text: composed form (NFC), without characters that cannot be seen."""

    default_error_messages = {
        "unreadable": _("This has a character that cannot be seen (%(name)s); take it out."),
        "newline": _("This has a line break; it must be one line."),
    }

    def __init__(self, *, lines: bool = False, sms: bool = False, **options: Any) -> None:
        self.lines = lines
        self.sms = sms
        """Whether this is the text of an SMS: the composer then counts its segments."""
        options.setdefault("widget", forms.Textarea if lines else forms.TextInput)
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The text in NFC with "\\n" as line break."""
        text = unicodedata.normalize("NFC", super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        if unseen := UNREADABLE.search(text):
            raise ValidationError(self.error_messages["unreadable"], "unreadable", {"name": f"U+{ord(unseen[0]):04X}"})
        if "\n" in text and not self.lines:
            raise ValidationError(self.error_messages["newline"], "newline")
        return text


class WholeNumberField(forms.IntegerField):
    """A whole number in ASCII digits between two bounds."""

    def __init__(self, *, least: int, most: int, too_high: str | Promise = "", unit: str | Promise = "", **options: Any) -> None:
        self.least, self.most, self.unit = least, most, unit
        self.too_high = too_high or _("At most %(most)s.")
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric"}

    def to_python(self, value: Any) -> int | None:
        """The number; refuses digits of other scripts, signs other than a leading minus, and fractions."""
        if value in self.empty_values:
            return None
        text = str(value).strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise ValidationError(_("Enter a whole number in digits 0–9."), "invalid")
        return int(text)

    def validate(self, value: int | None) -> None:
        """Hold the number against both bounds."""
        super().validate(value)
        if value is None:
            return
        if value < self.least:
            raise ValidationError(_("At least %(least)s."), "too_low", {"least": f"{self.least:,}"})
        if value > self.most:
            raise ValidationError(str(self.too_high), "too_high", {"most": f"{self.most:,}"})


class SecondsField(WholeNumberField):
    """A duration in seconds, at most 31 days less a second."""

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(
            least=least, most=MONTH_OF_SECONDS, too_high=_("At most %(most)s seconds (31 days)."), unit=_("seconds"), **options
        )


class CountryCodeField(forms.ChoiceField):
    """A country by its ISO 3166 alpha-3 code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"invalid_choice": _("“%(value)s” is not an ISO 3166 three-letter country code, like GBR.")})
        super().__init__(choices=country_choices, **options)

    def to_python(self, value: Any) -> str:
        """The code in capitals."""
        return str(super().to_python(value)).strip().upper()


def country_choices() -> list[tuple[str, str]]:
    """Alpha-3 code and "name (code)" of every country, by name, after a blank one."""
    from django_countries import countries

    named = ((countries.alpha3(code), str(name)) for code, name in COUNTRIES.items())
    return [("", "—"), *sorted(((code, f"{name} ({code})") for code, name in named if code), key=lambda pair: pair[1])]


# --- telephone numbers --------------------------------------------------------------------------


def read_number(text: str, country: str) -> str:
    """A telephone number as typed, in E.164.

    `country` (ISO alpha-2) gives the meaning of a national number. Raises ValidationError in words.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[+0-9 ()./\-]{3,40}", plain.replace("\u2011", "-").replace("\u2013", "-")):
        raise ValidationError(_("A telephone number has only digits, spaces and + ( ) - . /, like +1 415-555-0100."), "invalid")
    if not plain.startswith("+") and not country:
        raise ValidationError(_("Start the number with + and the country code, like +1 415-555-0100."), "no_country")
    try:
        number = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("This is not a telephone number; write it like +1 415-555-0100."), "invalid") from error
    formatted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(number) or not E164.fullmatch(formatted):
        raise ValidationError(_("No telephone number of that country has this length."), "impossible")
    return formatted


def number_in_words(e164: str) -> str:
    """An E.164 number grouped as people read it; anything else unchanged."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneField(forms.CharField):
    """A telephone number as people type it; its clean value is E.164. The form sets `country`."""

    country = ""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        """The number in E.164, or empty."""
        text = str(super().to_python(value) or "")
        return read_number(text, self.country) if text else ""


# --- instants -----------------------------------------------------------------------------------


class InstantField(forms.CharField):
    """A moment: RFC 3339 with an offset, or a local date and time read in the form's zone. Clean value: aware datetime."""

    zone = "UTC"

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> datetime | None:  # type: ignore[override]
        """The moment; refuses a time that the zone skips when its clocks go forward."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(_("Enter a date and time like 2026-11-20T18:00 or 2026-11-20T18:00:00.000+00:00."), "invalid") from error
        return moment if moment.tzinfo else in_zone(moment, self.zone)

    def prepare_value(self, value: Any) -> Any:
        """The moment as the date and time input takes it: local in the form's zone, to the minute; other text unchanged."""
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value
        if not isinstance(moment, datetime) or not moment.tzinfo:
            return value
        try:
            return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None).isoformat(timespec="minutes")
        except OverflowError:
            return value


def in_zone(moment: datetime, zone: str) -> datetime:
    """A naive local time as an aware one; raises ValidationError when that zone's clocks skip it."""
    local = moment.replace(tzinfo=ZoneInfo(zone))
    try:
        again = local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError as error:
        raise ValidationError(_("This date lies outside the years that can be used."), "range") from error
    if again != moment:
        raise ValidationError(_("In %(zone)s the clocks go forward over this time; choose another."), "skipped", {"zone": zone})
    return local


# --- rows ---------------------------------------------------------------------------------------


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


# --- forms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together under a title."""

    title: str | Promise
    fields: tuple[str, ...]
    hint: str | Promise = ""
    folded: bool = False
    """True for groups that most people do not need: shown closed unless they hold something."""


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a composer form needs to know of the desk."""

    account: Account
    reference: str
    """The dispatch's short reference, from which its idempotency key is made."""
    zone: str
    now: datetime
    items: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    """The connection's catalogue by kind, archived items included (and marked)."""

    def item(self, kind: str, key: str) -> Item | None:
        """The catalogue item of that kind and key; letter case counts only where two items differ by it alone.

        Failing that, the one item in use that is shown under that name.
        """
        items = self.items.get(kind, ())
        exact = next((item for item in items if item.key == key), None)
        found = exact or next((item for item in items if item.key.casefold() == key.casefold()), None)
        if found or not key:
            return found
        labelled = [item for item in items if item.label == key and not item.archived]
        return labelled[0] if len(labelled) == 1 else None


@dataclass(frozen=True, slots=True)
class Caution:
    """A vendor's warning about something that is allowed."""

    field: str
    text: str | Promise


MOST_LISTED = 20
"""Catalogue items up to which a list is opened; more are searched by typing."""
MOST_SUGGESTED = 1_000


class ItemChoiceField(forms.CharField):
    """A catalogue item of one kind, by its key or the name it is shown under. Unknown and archived ones are refused in words."""

    context: FormContext

    def __init__(self, kind: str, noun: str | Promise, **options: Any) -> None:
        self.kind, self.noun = kind, noun
        self.suggestions: list[tuple[str, str]] = []
        options.setdefault("widget", forms.Select)
        super().__init__(**options)

    def offer(self, context: FormContext) -> None:
        """Fill the list from the catalogue; a long one becomes suggestions for what is typed."""
        self.context = context
        live = [item for item in context.items.get(self.kind, ()) if not item.archived]
        self.choices = [("", gettext("Choose…"))] + [(item.key, item.label or item.key) for item in live]
        if len(live) > MOST_LISTED:
            self.widget = forms.TextInput(attrs={"placeholder": gettext("Type to search…"), **self.widget.attrs})
            self.suggestions = [(self._shown(item), item.key if item.label else "") for item in live[:MOST_SUGGESTED]]
        else:
            self.widget.choices = self.choices

    def _shown(self, item: Item) -> str:
        """The label where it leads back to this item, the key otherwise."""
        return item.label if item.label and self.context.item(self.kind, item.label) is item else item.key

    def prepare_value(self, value: Any) -> Any:
        """What stands in the control: where one types, the name that people know."""
        item = self.context.item(self.kind, str(value)) if self.suggestions and value else None
        return self._shown(item) if item else value

    def clean(self, value: Any) -> str:
        """The key as the catalogue spells it."""
        key = super().clean(value)
        if not key:
            return ""
        item = self.context.item(self.kind, key)
        if item is None:
            text = _("The catalogue of this connection has no %(noun)s “%(key)s”. Choose one from the list or set it up first.")
            raise ValidationError(text, "unknown", {"noun": self.noun, "key": key})
        if item.archived:
            raise ValidationError(
                _("The %(noun)s “%(key)s” is archived. Choose another or restore it first."), "archived", {"noun": self.noun, "key": key}
            )
        return item.key


class SuggestField(TextField):
    """Free text with suggestions from the catalogue (a datalist): the vendor takes any value."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        self.suggestions: list[tuple[str, str]] = []
        super().__init__(**options)

    def offer(self, context: FormContext) -> None:
        """Fill the suggestions from the catalogue."""
        self.suggestions = [(item.key, item.label) for item in context.items.get(self.kind, ()) if not item.archived]


def equip(form: forms.BaseForm, context: FormContext) -> None:
    """Give the fields of a form what they need to know of the desk: choices, country, time zone."""
    for form_field in form.fields.values():
        if isinstance(form_field, (ItemChoiceField, SuggestField)):
            form_field.offer(context)
        elif isinstance(form_field, PhoneField):
            form_field.country = context.account.country
        elif isinstance(form_field, InstantField):
            form_field.zone = context.zone


class ActionForm(RowsMixin):
    """The base of the composer's forms."""

    groups: ClassVar[tuple[Group, ...]] = ()
    reshaped_by: ClassVar[frozenset[str]] = frozenset()
    """Fields whose value decides which other fields there are."""
    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, context: FormContext, initial: Mapping[str, Any] | None = None) -> None:
        self.context = context
        super().__init__(data, initial={**self.suggest(context), **(initial or {})})
        self.shape()
        equip(self, context)

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """Values to start from, like a made request id."""
        return {}

    def shape(self) -> None:
        """Add or remove fields after what was chosen so far."""

    def all_groups(self) -> tuple[Group, ...]:
        """The groups, with those that `shape` added."""
        return self.groups

    def cautions(self) -> list[Caution]:
        """The vendor's warnings about what was entered; called on a form that was validated."""
        return []

    def chosen(self, name: str) -> str:
        """What a field holds now, before validation."""
        return str(self[name].value() or "").strip()


class ItemForm(RowsMixin):
    """The base of the catalogue's forms: a key (the vendor's name or id) and a label of our own."""

    use_required_attribute = False
    groups: ClassVar[tuple[Group, ...]] = ()
    key = TextField(max_length=200, label=_("Name"))
    label = TextField(
        max_length=200, required=False, label=_("Shown as"), help_text=_("What people see in lists; the name itself when empty.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, account: Account, initial: Mapping[str, Any] | None = None) -> None:
        self.account = account
        super().__init__(data, initial=dict(initial or {}))
        for form_field in self.fields.values():
            if isinstance(form_field, PhoneField):
                form_field.country = account.country

    def item(self) -> Item:
        """The item of a valid form: everything but key and label is its data; what is empty is absent."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("key", "label") and value not in (None, "", [])}
        return Item(key=self.cleaned_data["key"], label=self.cleaned_data["label"], data=data)

    @classmethod
    def fields_of(cls, item: Item) -> dict[str, Json]:
        """The form data that makes this item again."""
        return {"key": item.key, "label": item.label, **item.data}

    def cautions(self) -> list[Caution]:
        """The vendor's warnings about what was entered; called on a form that was validated."""
        return []


class SettingsForm(forms.Form):
    """The base of a connection's address and option fields. Clean values are strings."""

    use_required_attribute = False

    def settings(self) -> dict[str, str]:
        """The settings of a valid form; what is empty is absent."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}
