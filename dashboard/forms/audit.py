"""The filters of the audit trail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.forms.days import DaysForm
from dashboard.queries.audit import AREAS, Filters


class AuditFilters(DaysForm):
    """Who, what, about what, and when; what is not understood is said and does not narrow."""

    use_required_attribute = False
    who = forms.CharField(required=False, max_length=60, label=_("Who"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    what = forms.ChoiceField(required=False, label=_("What"), choices=[("", _("Everything")), *AREAS.items()])
    about = forms.CharField(required=False, max_length=300, label=_("About"), widget=forms.TextInput(attrs={"type": "search"}))
    field_order = ("who", "what", "about", "start", "end")

    def filters(self) -> Filters:
        """What was understood."""
        self.is_valid()
        known = {name: self.cleaned_data.get(name, "") for name in ("who", "what", "about")}
        return Filters(**known, since=self.since(), until=self.until())
