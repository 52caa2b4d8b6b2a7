"""The permission that every view declares. A route without one is refused by a test and by the middleware."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.forms.access import ProofForm, SignInForm
from dashboard.requests import INVALID
from dashboard.roles import Permission
from dashboard.services import audit, kept, signing_in

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def permission(*needed: Permission, proof: bool = False) -> Callable[[View], View]:
    """Let only signed-in people in who hold every permission named; others see 403, and the refusal is recorded.

    With `proof`, what changes something also needs a password that was given a short while ago: see `asking_for_proof`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request, needed)
            if not all(request.user.may(one) for one in needed):
                audit.record(request.user, "access.refused", detail={"path": request.path, "needed": [str(one) for one in needed]})
                raise PermissionDenied
            return (proof and asking_for_proof(request, needed)) or view(request, *args, **kwargs)

        guarded.permission = needed  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def ask_to_sign_in(request: HttpRequest, needed: tuple[Permission, ...]) -> HttpResponseBase:
    """The way to the sign-in page. A form that was sent after its session had ended goes along, sealed."""
    if "HX-Request" in request.headers:
        return render(request, "components/session_ended.html", status=401)
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    form = SignInForm(initial={"kept": kept.seal(request, needed), "next": request.path})
    return render(request, "registration/sign_in.html", {"form": form, "ended": True}, status=401)


HOLDS_SECRETS = frozenset({Permission.MANAGE_CONNECTIONS})
"""The forms of pages that need one of these are not carried along: they are asked for proof before they are filled in."""
OWN_FIELDS = ("csrfmiddlewaretoken", "proof")


def asking_for_proof(request: HttpRequest, needed: tuple[Permission, ...]) -> HttpResponseBase | None:
    """The page that asks for the password again, and carries along what was sent; None when the view may go on."""
    secret = bool(HOLDS_SECRETS & set(needed))
    if signing_in.is_proven(request) or (request.method != "POST" and not secret):
        return None
    form = ProofForm(request.POST if "proof" in request.POST else None)
    refused = _refusal_of_proof(request, form) if form.is_bound else ""
    if form.is_bound and not refused:
        return redirect(request.get_full_path()) if secret else None
    carried = [(name, value) for name, values in request.POST.lists() if name not in OWN_FIELDS for value in values]
    lost = secret and request.method == "POST" and not form.is_bound
    context = {"form": form, "refused": refused, "lost": lost, "carried": [] if secret else carried}
    return render(request, "registration/proof.html", context, status=INVALID if refused else 200)


def _refusal_of_proof(request: HttpRequest, form: ProofForm) -> str:
    try:
        signing_in.prove(request, form.cleaned_data["proof"] if form.is_valid() else "")
    except signing_in.TooMany:
        return _("Too many tries. Wait 15 minutes.")
    except signing_in.Refused:
        return _("This is not your password.")
    return ""


def public(view: View) -> View:
    """Let everybody in: sign-in, password links, health."""
    view.permission = ()  # type: ignore[attr-defined]
    return view
