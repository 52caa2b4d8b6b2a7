"""Fetching a kind's items from the vendor: the worker asks, a person chooses what to import."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dashboard.choices import ErrandState
from dashboard.decorators import permission
from dashboard.forms.catalogue import ConnectionChoiceForm, form_of
from dashboard.models import Connection, Errand
from dashboard.queries import catalogue as queries
from dashboard.requests import INVALID, DeskRequest
from dashboard.roles import Permission
from dashboard.services import catalogue, errands
from dashboard.services.refusals import Refused
from dashboard.services.sentences import sentences
from dashboard.views.catalogue import kind_of
from providers.base import CatalogueKind
from providers.types import Item


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item as the vendor lists it, and why it cannot be imported when it cannot."""

    item: Item
    known: bool
    problem: str = ""


@require_http_methods(["GET", "POST"])
@permission(Permission.EDIT_CATALOGUE)
def fetch(request: DeskRequest, provider: str, kind: str) -> HttpResponse:
    """Choose a connection, ask the vendor, choose what to import."""
    found, declared = kind_of(provider, kind)
    if not declared.fetched:
        raise Http404
    named = request.POST.get("connection") or request.GET.get("connection") or ""
    choice = ConnectionChoiceForm({"connection": named} if named else None, provider=found, initial={})
    connection = choice.cleaned_data["connection"] if choice.is_bound and choice.is_valid() else None
    if request.method == "POST" and connection:
        return _act(request, connection, declared)
    context = {"provider": found, "kind": declared, "choice": choice, "connection": connection}
    context |= _fetched(connection, declared) if connection else {}
    template = "dashboard/catalogue/_fetched.html" if request.htmx else "dashboard/catalogue/fetch.html"
    return render(request, template, context, status=INVALID if choice.errors else 200)


def _fetched(connection: Connection, kind: CatalogueKind) -> dict[str, object]:
    """The newest look-up and what it found."""
    errand = queries.last_fetch(connection, kind)
    if errand is None:
        return {}
    found = candidates(connection, kind, errand)
    importable = any(not one.known and not one.problem for one in found)
    return {"errand": errand, "errand_colour": ErrandState(errand.state).colour, "candidates": found, "importable": importable}


def _act(request: DeskRequest, connection: Connection, kind: CatalogueKind) -> HttpResponse:
    if "import" in request.POST:
        _import(request, connection, kind)
    else:
        errands.ask(connection=connection, what=f"{errands.FETCH}{kind.key}", by=request.user)
    address = reverse("items_fetch", args=[connection.provider, kind.key])
    return redirect(f"{address}?connection={connection.name}")


def candidates(connection: Connection, kind: CatalogueKind, errand: Errand) -> list[Candidate]:
    """What a finished look-up found: new ones first, each held against the kind's own form."""
    if errand.state != ErrandState.DONE:
        return []
    known = catalogue.folded_keys(connection=connection, kind=kind.key)
    found = [Item(one["key"], one.get("label", ""), one.get("data", {})) for one in errand.found]
    judged = [Candidate(item, item.key.casefold() in known, _problem(form_of(connection, kind, item))) for item in found]
    return sorted(judged, key=lambda candidate: candidate.known)


def _problem(form: forms.BaseForm) -> str:
    return "" if form.is_valid() else " ".join(sentences(form))


def _import(request: DeskRequest, connection: Connection, kind: CatalogueKind) -> None:
    """Import what was ticked; what is not new, or was not found, is left out."""
    errand = queries.last_fetch(connection, kind)
    ticked = set(request.POST.getlist("import_key"))
    new = [one for one in (candidates(connection, kind, errand) if errand else []) if not one.known and not one.problem]
    chosen = [(kind.key, form_of(connection, kind, one.item)) for one in new if one.item.key in ticked]
    items = [(key, form.item()) for key, form in chosen if form.is_valid()]
    if not items:
        messages.warning(request, _("Nothing was chosen, so nothing was imported."))
        return
    try:
        rows = catalogue.import_items(connection=connection, items=items, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return
    text = ngettext("%(count)s was imported.", "%(count)s were imported.", len(rows))
    messages.success(request, text % {"count": len(rows)})
