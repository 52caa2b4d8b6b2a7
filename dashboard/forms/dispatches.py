"""What a person says about a dispatch: a decision, a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.choices import Found
from dashboard.models import Connection
from providers.fields import TextField


class ReasonForm(forms.Form):
    """A reason that goes into the audit trail."""

    reason = TextField(
        min_length=5, max_length=500, label=_("Reason"), help_text=_("At least 5 characters. Kept in the audit trail with your name.")
    )
    use_required_attribute = False


class DecisionForm(ReasonForm):
    """What somebody found out about a dispatch in doubt."""

    found = forms.ChoiceField(choices=Found.choices, widget=forms.RadioSelect, label=_("What did you find in the provider's portal?"))
    field_order = ["found", "reason"]


class BulkDecisionForm(DecisionForm):
    """One decision for every doubt of one connection in one outage."""

    connection = forms.ModelChoiceField(Connection.objects.none(), label=_("Connection"), to_field_name="name", empty_label=_("Choose…"))
    since = forms.DateTimeField(label=_("Sent from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(label=_("Sent until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    field_order = ["connection", "since", "until", "found", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["connection"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Connection.objects.filter(archived_at=None)

    def clean(self) -> dict[str, Any]:
        """Refuse a window that ends before it begins."""
        data = super().clean() or self.cleaned_data
        start, end = data.get("since"), data.get("until")
        if isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
            self.add_error("until", _("The window ends before it begins."))
        return data
