"""The permission that every view declares. A route without one is refused by a test and by the middleware."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from dashboard.forms.access import SignInForm
from dashboard.roles import Permission
from dashboard.services import audit, kept

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def permission(*needed: Permission) -> Callable[[View], View]:
    """Let only signed-in people in who hold every permission named; others see 403, and the refusal is recorded."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request, needed)
            if not all(request.user.may(one) for one in needed):
                audit.record(request.user, "access.refused", detail={"path": request.path, "needed": [str(one) for one in needed]})
                raise PermissionDenied
            return view(request, *args, **kwargs)

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


def public(view: View) -> View:
    """Let everybody in: sign-in, password links, health."""
    view.permission = ()  # type: ignore[attr-defined]
    return view
