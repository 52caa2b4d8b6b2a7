"""Everybody's own settings: password, time zone, theme."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.context import THEME_COOKIE, THEMES
from dashboard.decorators import permission, public
from dashboard.forms.access import OwnPasswordForm
from dashboard.forms.people import TimeZoneForm
from dashboard.queries.sessions import browsers
from dashboard.requests import INVALID, DeskRequest, posted
from dashboard.roles import Permission
from dashboard.services import people, signing_in

YEAR = 365 * 86_400


@require_http_methods(["GET", "POST"])
@permission(Permission.SIGNED_IN)
def account(request: DeskRequest) -> HttpResponse:
    """Roles, time zone and theme; links to the password."""
    form = TimeZoneForm(posted(request), initial={"time_zone": request.user.time_zone})
    if form.is_valid():
        people.set_time_zone(person=request.user, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, _("Times are now shown in %(zone)s.") % {"zone": form.cleaned_data["time_zone"]})
        return redirect("account")
    context = {"form": form, "browsers": browsers(request.user, request.session.session_key)}
    return render(request, "dashboard/account/page.html", context, status=INVALID if form.is_bound else 200)


@require_POST
@permission(Permission.SIGNED_IN)
def end_sessions(request: DeskRequest) -> HttpResponse:
    """Sign out one of one's other browsers, or all of them."""
    count = signing_in.end_others(request, request.POST.get("mark", ""))
    text = ngettext("%(count)s other session has ended.", "%(count)s other sessions have ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("account")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@permission(Permission.SIGNED_IN)
def password(request: DeskRequest) -> HttpResponseBase:
    """Choose a new password; every other session of this person ends."""
    form = OwnPasswordForm(posted(request), person=request.user)
    if form.is_valid():
        people.set_password(person=request.user, password=form.cleaned_data["new"], by=request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your new password holds. Other sessions of yours have ended."))
        return redirect("account")
    return render(request, "dashboard/account/password.html", {"form": form}, status=INVALID if form.is_bound else 200)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie; anything but light and dark follows the system."""
    address = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    answer = redirect(address if ours else "overview")
    if (chosen := request.POST.get("theme", "")) in THEMES:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(THEME_COOKIE, samesite="Lax")
    return answer
