"""The composer's forms: route to an agent, send an SMS through a plan, release an interaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.fields import (
    ActionForm,
    Caution,
    FormContext,
    Group,
    ItemChoiceField,
    RowsField,
    SecondsField,
    Sorting,
    SuggestField,
    TextField,
)
from providers.vonage.interaction import MOST_LABEL, PROPERTY
from providers.vonage.payload import suggest_key
from providers.vonage.properties import declared, field_for, has_space, reads_number, space_warning
from providers.vonage.rows import PropertyRow, SkillRow, is_web_address, refuse_twins, share_out, share_out_initial

LONGEST_ID = 200
"""Characters of a request ID, an external ID and a URL's label: a limit of our own; the vendor names none."""
LONGEST_URL = 2_000
MOST_ROWS = 100
SET_BY_HAND = _("Set by hand: if this ID was ever used elsewhere on the account, VCC ignores the request and says nothing.")

FOR_AGENTS = Sorting(lambda item: not reads_number(item), _("Routes"), _("Routes whose plan takes a telephone number"))
FOR_TEXTS = Sorting(reads_number, _("Routes whose plan takes a telephone number"), _("Other routes"))


def request_id_field() -> TextField:
    """The idempotency key."""
    return TextField(
        required=False, max_length=LONGEST_ID, label=_("Request ID"), help_text=_("Makes a repeat safe: sent twice, processed once.")
    )


class InteractionForm(ActionForm):
    """What every dispatch has: a named route, its ids, and the properties that its plan expects."""

    reshaped_by: ClassVar[frozenset[str]] = frozenset({"route"})
    texts: ClassVar[bool] = False
    """Whether the plan sends an SMS."""
    identifiers: ClassVar[Group] = Group(
        _("Identifiers"), ("externalid", "requestid"), _("Filled in for you. Change one only when another system needs its own."), True
    )
    route = ItemChoiceField("route", _("named route"), label=_("Named route"), sorting=FOR_AGENTS)
    externalid = TextField(
        required=False, max_length=LONGEST_ID, label=_("External ID"), help_text=_("Without it the interaction cannot be released later.")
    )
    requestid = request_id_field()
    extra = RowsField(PropertyRow, most=MOST_ROWS, add_label=_("Add a property"), label=_("Further properties"))

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """A request ID made from the dispatch's reference."""
        return {"requestid": suggest_key(context.reference)}

    def shape(self) -> None:
        """A field for each property that the chosen route declares, with what was given for it."""
        route = self.context.item("route", self.chosen("route"))
        rows = declared(route)
        self.fields["route"].help_text = route.data.get("description", "") if route else ""
        for row in rows:
            self.fields[PROPERTY + row["key"]] = field_for(row, sms=self.texts)
        keys = {row["key"] for row in rows}
        self.initial = share_out_initial(self.initial, keys)
        if self.is_bound:
            self.data = share_out(self.data, keys)

    def all_groups(self) -> tuple[Group, ...]:
        """The groups, and one for the plan's properties."""
        return (*self.groups, self._plan(), self.identifiers)

    def _plan(self) -> Group:
        names = tuple(name for name in self.fields if name.startswith(PROPERTY))
        hint = _("What the route’s interaction plan expects, and anything further it can use.")
        return Group(_("Plan properties"), (*names, "extra"), hint, folded=not names)

    def clean_requestid(self) -> str:
        """The request ID; the dispatch's own when nothing was typed."""
        return self.cleaned_data["requestid"] or suggest_key(self.context.reference)

    def clean(self) -> dict[str, Any]:
        """Refuse a property twice, and one that the route does not declare."""
        cleaned = super().clean()
        known = {name.removeprefix(PROPERTY) for name in self.fields if name.startswith(PROPERTY) and cleaned.get(name)}
        refuse_twins(self, "extra", "key", gettext("The property “%(value)s” is here twice."), known=known)
        if "route" in cleaned:
            self._refuse_undeclared(cleaned["route"])
        return cleaned

    def _refuse_undeclared(self, route: str) -> None:
        for name in self.data:
            if name.startswith(PROPERTY) and name not in self.fields and str(self.data[name]).strip():
                text = _("The named route “%(route)s” declares no property “%(key)s”; give it under “Further properties”.")
                self.add_error(None, ValidationError(text, "undeclared", {"route": route, "key": name.removeprefix(PROPERTY)}))

    def cautions(self) -> list[Caution]:
        """The vendor's warnings: keys with spaces, no external ID, a request ID set by hand."""
        keys = [name.removeprefix(PROPERTY) for name in self.fields if name.startswith(PROPERTY)]
        found = [Caution(PROPERTY + key, space_warning(key)) for key in keys if has_space(key)]
        extra = self.cleaned_data.get("extra", ())
        found += [Caution("extra", space_warning(row["key"])) for row in extra if has_space(row["key"])]
        if self.cleaned_data.get("requestid") != suggest_key(self.context.reference):
            found.append(Caution("requestid", SET_BY_HAND))
        return found


class RouteForm(InteractionForm):
    """Route an interaction to an agent."""

    provider = ItemChoiceField(
        "registered_provider",
        _("registered provider"),
        required=False,
        label=_("Registered provider"),
        help_text=_("Decides what agents may do, and where VCC reports progress."),
    )
    interactiontype = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[("live", _("Live")), ("chat", _("Chat")), ("nonlive", _("Non-live")), ("", _("Not set"))],
        label=_("Interaction type"),
        help_text=_(
            "Live: an agent’s whole attention, like a phone call. Chat: at once, beside other chats. Non-live: no continuous attention, "
            "like an email."
        ),
    )
    skills = RowsField(SkillRow, most=MOST_ROWS, add_label=_("Add a skill"), label=_("Skills"))
    agent = SuggestField(
        "agent", required=False, max_length=200, label=_("Personal queue: agent"), help_text=_("The agent who is offered it first.")
    )
    loggedintimeout = SecondsField(
        required=False, label=_("Wait while signed in"), help_text=_("For this agent, before others get it. Needed with an agent.")
    )
    loggedouttimeout = SecondsField(
        required=False, label=_("Wait while signed out"), help_text=_("The same while the agent is signed out. Needed with an agent.")
    )
    name = TextField(
        required=False, max_length=MOST_LABEL, label=_("Display name"), help_text=_("What the agent reads in ContactPad, like “Case 4711”.")
    )
    clid = TextField(
        required=False,
        max_length=MOST_LABEL,
        label=_("Caller identity (CLID)"),
        help_text=_("Shown in ContactPad and recorded with the interaction."),
    )
    mediatype = TextField(
        required=False,
        max_length=MOST_LABEL,
        label=_("Media type"),
        help_text=_("What is routed. VCC shows “API Object” when this is empty."),
    )
    url = TextField(
        required=False,
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        label=_("Link"),
        help_text=_("The agent opens it from ContactPad."),
    )
    url_label = TextField(
        required=False,
        max_length=LONGEST_ID,
        label=_("Link label"),
        help_text=_("The words of the link, like “Open the case”."),
    )
    groups = (
        Group(_("Where it goes"), ("route", "provider", "interactiontype")),
        Group(_("Who should take it"), ("skills", "agent", "loggedintimeout", "loggedouttimeout")),
        Group(_("What the agent sees"), ("name", "clid", "url", "url_label", "mediatype")),
    )

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """A request ID, and an external ID, without which nothing can be released."""
        return {**super().suggest(context), "externalid": f"desk-{context.reference}"}

    def clean_url(self) -> str:
        """A link that a browser opens as a page: http or https, with a host."""
        url: str = self.cleaned_data["url"]
        if url and not is_web_address(url):
            raise ValidationError(_("A link begins with http:// or https:// and a host, like https://example.com/cases/7."), "invalid")
        return url

    def clean(self) -> dict[str, Any]:
        """What belongs together: link and label, agent and both times; no skill twice."""
        cleaned = super().clean()
        refuse_twins(
            self, "skills", "name", gettext("The skill “%(value)s” is here twice; letter case makes no difference."), fold=str.casefold
        )
        if cleaned.get("url") and not cleaned.get("url_label") and "url_label" not in self.errors:
            self.add_error("url_label", ValidationError(_("A link needs a label: the words that the agent sees."), "required"))
        self._check_queue(cleaned)
        return cleaned

    def _check_queue(self, cleaned: Mapping[str, Any]) -> None:
        names = ("agent", "loggedintimeout", "loggedouttimeout")
        missing = [name for name in names if name not in self.errors and cleaned.get(name) in (None, "")]
        if len(missing) == len(names):
            return
        for name in missing:
            text = _("A personal queue needs an agent and both times. Fill in all three, or none.")
            self.add_error(name, ValidationError(text, "required"))

    def cautions(self) -> list[Caution]:
        """The vendor's warnings, and one for an interaction that nobody will be able to release."""
        found = super().cautions()
        if not self.cleaned_data.get("externalid"):
            found.append(Caution("externalid", _("Without an external ID this interaction can never be released.")))
        return found


class SmsForm(InteractionForm):
    """Send an SMS through an interaction plan: the route's Send SMS applet reads the properties."""

    texts: ClassVar[bool] = True
    route = ItemChoiceField("route", _("named route"), label=_("Named route"), sorting=FOR_TEXTS)
    groups = (Group(_("Where it goes"), ("route",)),)

    def _plan(self) -> Group:
        if self.context.item("route", self.chosen("route")):
            return replace(super()._plan(), title=_("What the plan sends"))
        return Group(_("What the plan sends"), ("extra",), _("Choose the named route: then the fields of its plan stand here."))


class ReleaseForm(ActionForm):
    """Take an interaction back that was dispatched with an external ID."""

    externalid = TextField(max_length=LONGEST_ID, label=_("External ID"), help_text=_("The one with which the interaction was dispatched."))
    provider = SuggestField(
        "registered_provider",
        required=False,
        max_length=LONGEST_ID,
        label=_("Registered provider"),
        help_text=_("VCC insists on it when the interaction was dispatched with one; leave it empty otherwise."),
    )
    requestid = request_id_field()
    groups = (
        Group(_("What is released"), ("externalid", "provider")),
        Group(_("Identifiers"), ("requestid",), _("Filled in for you. Change it only when another system needs its own."), True),
    )

    @classmethod
    def suggest(cls, context: FormContext) -> dict[str, Any]:
        """A request ID made from the dispatch's reference."""
        return {"requestid": suggest_key(context.reference)}

    def clean_requestid(self) -> str:
        """The request ID; the dispatch's own when nothing was typed."""
        return self.cleaned_data["requestid"] or suggest_key(self.context.reference)

    def cautions(self) -> list[Caution]:
        """A warning about a request ID set by hand."""
        by_hand = self.cleaned_data.get("requestid") != suggest_key(self.context.reference)
        return [Caution("requestid", SET_BY_HAND)] if by_hand else []
