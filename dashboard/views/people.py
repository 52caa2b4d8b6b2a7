"""People and their roles, for admins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.decorators import permission
from dashboard.forms.people import NewPersonForm, PersonForm
from dashboard.models import Person
from dashboard.queries import people as queries
from dashboard.queries.pages import page_by_key
from dashboard.requests import INVALID, DeskRequest, posted
from dashboard.roles import Permission
from dashboard.services import people
from dashboard.services.refusals import Refused

manage = permission(Permission.MANAGE_PEOPLE)
manage_surely = permission(Permission.MANAGE_PEOPLE, proof=True)


@require_GET
@manage
def page(request: DeskRequest) -> HttpResponse:
    """Everybody, by user name."""
    text = request.GET.get("q", "").strip()[:120]
    found = page_by_key(queries.people(text), params=request.GET, key="username")
    return render(request, "dashboard/people/page.html", {"page": found, "text": text})


@require_http_methods(["GET", "POST"])
@manage_surely
def add(request: DeskRequest) -> HttpResponse:
    """Add somebody, and show the link under which they choose a password."""
    form = NewPersonForm(posted(request))
    if not form.is_valid():
        return render(request, "dashboard/people/add.html", {"form": form}, status=INVALID if form.is_bound else 200)
    data = form.cleaned_data
    person = people.add(
        username=data["username"], name=data["name"], roles=form.chosen_roles(), time_zone=data["time_zone"], by=request.user
    )
    return _link(request, person)


@require_http_methods(["GET", "POST"])
@manage_surely
def person(request: DeskRequest, pk: int) -> HttpResponse:
    """One person: name, roles, time zone."""
    someone = get_object_or_404(Person, pk=pk)
    initial = {"name": someone.name, "time_zone": someone.time_zone, "roles": someone.roles}
    form = PersonForm(posted(request), initial=initial)
    if form.is_valid():
        try:
            people.change(person=someone, changes=form.changes(), by=request.user, opened=request.POST.get("opened", ""))
        except people.NotAllowed as refusal:
            form.add_error("roles", refusal)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Saved. When roles change, the person’s sessions end and they sign in again."))
            return redirect("person", pk)
    context = {"form": form, "person": someone, "opened": people.version(someone)}
    return render(request, "dashboard/people/person.html", context, status=INVALID if form.is_bound else 200)


@require_POST
@manage_surely
def link(request: DeskRequest, pk: int) -> HttpResponse:
    """Make a one-time password link and show it, this once."""
    return _link(request, get_object_or_404(Person, pk=pk, is_active=True))


def _link(request: DeskRequest, someone: Person) -> HttpResponse:
    address = request.build_absolute_uri(people.make_link(person=someone, by=request.user))
    return render(request, "dashboard/people/link.html", {"person": someone, "address": address, "life": settings.PASSWORD_RESET_TIMEOUT})


@require_POST
@manage_surely
def disable(request: DeskRequest, pk: int) -> HttpResponse:
    """Keep somebody out from now on."""
    try:
        count = people.disable(person=get_object_or_404(Person, pk=pk), by=request.user)
    except people.NotAllowed as refusal:
        messages.error(request, refusal.message)
    else:
        text = ngettext(
            "Disabled; every session has ended. %(count)s dispatch of theirs is suspended.",
            "Disabled; every session has ended. %(count)s dispatches of theirs are suspended.",
            count,
        )
        messages.success(request, text % {"count": count})
    return redirect("person", pk)


@require_POST
@manage_surely
def enable(request: DeskRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    people.enable(person=get_object_or_404(Person, pk=pk), by=request.user)
    messages.success(request, _("Enabled: they can sign in again."))
    return redirect("person", pk)
