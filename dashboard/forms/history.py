"""The filters of the history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.forms.days import DaysForm
from dashboard.models import Connection
from dashboard.queries.history import BY_OUTCOME, SPANS, Filters, since
from providers.registry import PROVIDERS


class HistoryFilters(DaysForm):
    """Provider, connection, outcome, dates and maker; what is not understood is said and does not narrow."""

    provider = forms.ChoiceField(required=False, label=_("Provider"))
    connection = forms.ChoiceField(required=False, label=_("Connection"))
    outcome = forms.ChoiceField(required=False, label=_("Outcome"))
    span = forms.ChoiceField(required=False, label=_("When"))
    by = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    q = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    n = forms.CharField(required=False, max_length=22, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Connection.objects.values_list("name", flat=True)
        self._offer("provider", _("All providers"), [(key, one.short) for key, one in PROVIDERS.items()])
        self._offer("connection", _("All connections"), [(name, name) for name in names])
        self._offer("outcome", _("All outcomes"), [(key, label) for key, (label, _q) in BY_OUTCOME.items()])
        self._offer("span", _("Any time"), [(key, label) for key, (label, _l) in SPANS.items() if key != "all"])

    def _offer(self, name: str, nothing: Any, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", nothing), *choices]

    def filters(self, text: str) -> Filters:
        """What was asked for, together with the text searched for."""
        data = {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else self.cleaned_data
        return Filters(
            provider=data.get("provider", ""),
            connection=data.get("connection", ""),
            outcome=data.get("outcome", ""),
            by=data.get("by", ""),
            since=self.since() or since(data.get("span") or "all"),
            until=self.until(),
            text=text,
        )
