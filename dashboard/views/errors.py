"""Pages for what went wrong: in the desk's own look, with the request's id, for anonymous and signed-in people alike."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from dashboard.context import THEME_COOKIE, THEMES
from dashboard.services import kept

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when it was too large."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent)):
        return too_large(request)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405; the caller adds Allow."""
    return render(request, "405.html", status=405)


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return render(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. It asks nothing of the database, which may be what failed."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    shell = {"theme": theme if theme in THEMES else "", "request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("500.html", {"shell": shell}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the proof that the desk's own page sent this form is missing or old.

    That happens when somebody signs in again in another tab. Where the browser says that the form came from the desk,
    it can be sent again from here, so that what was typed is not lost.
    """
    log.warning("CSRF check failed: %s", reason)
    context: dict[str, Any] = {"kept": _own_form(request)}
    return render(request, "csrf.html", context, status=403)


def _own_form(request: HttpRequest) -> kept.Kept | None:
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or not request.user.is_authenticated:
        return None
    match = request.resolver_match
    needed = getattr(match.func, "permission", ()) if match else ()
    return kept.unseal(kept.seal(request, needed))
