"""Signing in and out, and one-time password links."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.decorators import public
from dashboard.forms.access import NewPasswordForm, SignInForm
from dashboard.models import Person
from dashboard.requests import INVALID, posted
from dashboard.roles import Permission
from dashboard.services import kept, people, signing_in

TOKEN = "password_token"
CHOOSE = "choose"
"""Stands in the address in place of a link's token, once the session holds it: so that no log and no Referer names it."""


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(_next(request, request.GET.get("next", "")))
        return _page(request, SignInForm(initial={"next": request.GET.get("next", "")}))
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, refused=_("Enter your user name and your password."))
    try:
        signing_in.sign_in(request, username=form.cleaned_data["username"], password=form.cleaned_data["password"])
    except signing_in.TooMany:
        return _page(request, form, refused=_("Too many tries. Wait 15 minutes, or ask an admin for a link to choose a new password."))
    except signing_in.Refused:
        return _page(request, form, refused=_("User name and password do not fit together. Check both and try again."))
    if form_kept := kept.unseal(form.cleaned_data["kept"]):
        return render(request, "registration/carry_on.html", {"kept": form_kept})
    return redirect(_next(request, form.cleaned_data["next"]))


def _page(request: HttpRequest, form: SignInForm, refused: str = "") -> HttpResponse:
    context = {"form": form, "refused": refused, "asked": _asked(form)}
    return render(request, "registration/sign_in.html", context, status=INVALID if refused else 200)


def _asked(form: SignInForm) -> bool:
    """Whether another page than the start was asked for."""
    return form["next"].value() not in (None, "", resolve_url(settings.LOGIN_REDIRECT_URL))


def _next(request: HttpRequest, address: str) -> str:
    """Where to go after signing in: an address of this desk only; somebody without a role sees their account."""
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    may_read = isinstance(request.user, Person) and request.user.may(Permission.READ_HISTORY)
    return address if ours else resolve_url(settings.LOGIN_REDIRECT_URL if may_read else "account")


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the browser forgets what it kept of the desk."""
    signing_in.sign_out(request)
    answer = redirect("sign_in")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@public
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_link(request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
    """Choose a password under a one-time link."""
    held = request.session.get(TOKEN, "") if token == CHOOSE else token
    person = people.find_by_link(uidb64, held)
    if person is None:
        return render(request, "registration/password_link.html", status=410)
    if token != CHOOSE:
        request.session[TOKEN] = token
        return redirect("password_link", uidb64, CHOOSE)
    form = NewPasswordForm(posted(request), person=person)
    if not form.is_valid():
        context = {"form": form, "person": person}
        return render(request, "registration/password_link.html", context, status=INVALID if form.is_bound else 200)
    people.set_password(person=person, password=form.cleaned_data["new"], by=person)
    del request.session[TOKEN]
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("sign_in")
