"""The permission that every view declares. A route without one is refused by a test and by the middleware."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from dashboard.roles import Permission
from dashboard.services import audit

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def permission(*needed: Permission) -> Callable[[View], View]:
    """Let only signed-in people in who hold every permission named; others see 403, and the refusal is recorded."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not all(request.user.may(one) for one in needed):
                audit.record(request.user, "access.refused", detail={"path": request.path, "needed": [str(one) for one in needed]})
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = needed  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def public(view: View) -> View:
    """Let everybody in: sign-in, password links, health."""
    view.permission = ()  # type: ignore[attr-defined]
    return view
