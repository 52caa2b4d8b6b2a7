"""From one day to another: what the filters of lists share."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DaysForm(forms.Form):
    """Two days in the reader's zone, both included."""

    start = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        data = super().clean() or self.cleaned_data
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("This day is before the first one."))
        return data

    def since(self) -> datetime | None:
        """The beginning of the first day, from a form that was judged; None without one, and on the first day there is."""
        first: date | None = self.cleaned_data.get("start")
        return _midnight(first) if first and first > date.min else None

    def until(self) -> datetime | None:
        """The end of the last day, from a form that was judged; None without one, and on the last day there is."""
        last: date | None = self.cleaned_data.get("end")
        return _midnight(last + timedelta(days=1)) if last and last < date.max else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
