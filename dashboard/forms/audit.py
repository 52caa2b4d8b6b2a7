"""The filters of the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.queries.audit import AREAS, Filters


class AuditFilters(forms.Form):
    """Who, what, about what, and when; what is not understood is said and does not narrow."""

    use_required_attribute = False
    who = forms.CharField(required=False, max_length=60, label=_("Who"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    what = forms.ChoiceField(required=False, label=_("What"), choices=[("", _("Everything")), *AREAS.items()])
    about = forms.CharField(required=False, max_length=300, label=_("About"), widget=forms.TextInput(attrs={"type": "search"}))
    start = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        data = super().clean() or self.cleaned_data
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("This day is before the first one."))
        return data

    def filters(self) -> Filters:
        """What was understood."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})
