"""What happens around every request: its id, security headers, who is asking, default deny, pages for bare refusals."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from dashboard.models.sessions import mark_of
from dashboard.request_context import Acting, acting
from dashboard.roles import Permission
from dashboard.views import errors

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp-report/",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Static files and whatever sets its own Cache-Control keep it; everything else is not to be kept."""


class RequestIdMiddleware:
    """Gives each request an id, for the answer, the logs and the audit trail. A proxy's own id is taken over."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set the id, before anything else runs."""
        request.request_id = _given_id(request) or uuid.uuid4().hex  # type: ignore[attr-defined]
        token = acting.set(Acting(request_id=request.request_id, address=address(request)))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            acting.reset(token)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


def _given_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return given if re.fullmatch(r"[A-Za-z0-9-]{8,40}", given) else ""


def address(request: HttpRequest) -> str:
    """The address that a request came from; behind a proxy, the one that the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:45]


class SecurityHeadersMiddleware:
    """Puts the security headers on every answer: pages, errors, redirects, static files."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what the answer does not set itself."""
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class FetchSiteMiddleware:
    """Refuses what a browser says another site made it send. Where a browser does not say, the CSRF token decides alone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing here; see `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Refuse before the view runs."""
        if request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "csrf_exempt", False):
            return None
        if request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none"):
            return None
        log.warning("Refused a request that another site sent, for %s", request.path)
        return errors.csrf_failure(request, reason="Sec-Fetch-Site")


class LegibleMiddleware:
    """Refuses an address whose query holds a NUL, which no person types and PostgreSQL cannot compare with anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing here; see `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Refuse before the view runs."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The query holds a NUL.")


class PersonMiddleware:
    """Ends sessions that have run out, sets the person's time zone, insists on a chosen password and a declared permission."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Run the rest in the person’s time zone."""
        if request.user.is_authenticated:
            _keep_or_end(request)
            acting.set(replace(acting.get(), session=mark_of(request.session.session_key)))
        with timezone.override(getattr(request.user, "time_zone", settings.TIME_ZONE)):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Refuse a view that declares no permission; send people who must choose a password to where they can."""
        needed: tuple[Permission, ...] | None = getattr(view, "permission", None)
        if needed is None:
            log.error("The view of %s declares no permission", request.path)
            raise PermissionDenied
        if needed and request.user.is_authenticated and request.user.must_choose_password:
            here = request.resolver_match.url_name if request.resolver_match else ""
            return None if here == "account_password" else redirect("account_password")
        return None


def _keep_or_end(request: HttpRequest) -> None:
    """End a session that idled or lasted too long; note that this one is alive, at most once in a while."""
    now = time.time()
    since, seen = request.session.setdefault("since", now), request.session.setdefault("seen", now)
    assert request.user.is_authenticated
    idle = request.user.idle_seconds
    if now - seen > idle or now - since > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif now - seen > min(60, idle / 4) and not _is_poll(request):
        request.session["seen"] = now


def _is_poll(request: HttpRequest) -> bool:
    """Whether a page asked by itself, without its reader doing anything."""
    return request.method == "GET" and "HX-Request" in request.headers


class ErrorPagesMiddleware:
    """Turns bare refusals, like those of `require_POST`, into pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put a page in the place of an empty 405."""
        response = self.get_response(request)
        if response.status_code != 405 or not isinstance(response, HttpResponse) or response.content:
            return response
        page = errors.method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page
