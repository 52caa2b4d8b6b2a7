"""What watches the desk from outside asks here, and browsers report here."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from dashboard.decorators import public
from dashboard.queries import health

log = logging.getLogger(__name__)
LARGEST = 8_192
MOST, SPAN = 30, 60.0
"""Reports written to the log by one process, and the seconds in which; more are dropped."""
written: deque[float] = deque(maxlen=MOST)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the desk can do its work: database, migrations, a worker seen lately. 503 when something is missing."""
    found = health.readiness()
    return JsonResponse(found, status=200 if all(found.values()) else 503)


@public
@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Write down what a browser refused to load or run."""
    size = request.headers.get("Content-Length", "")
    if not size.isdigit() or int(size) > LARGEST:
        return HttpResponse(status=413)
    now = time.monotonic()
    if len(written) == MOST and now - written[0] < SPAN:
        return HttpResponse(status=429)
    written.append(now)
    log.warning("A browser refused something", extra=_report(request.body))
    return HttpResponse(status=204)


def _report(body: bytes) -> dict[str, str]:
    """Directive and addresses of a report, without query strings."""
    try:
        report = json.loads(body)["csp-report"]
        return {
            "directive": str(report.get("violated-directive", ""))[:100],
            "blocked": _address(report.get("blocked-uri")),
            "page": _address(report.get("document-uri")),
            "source": _address(report.get("source-file")),
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"directive": "unreadable"}


def _address(value: object) -> str:
    try:
        parts = urlsplit(str(value or ""))
    except ValueError:
        return "unreadable"
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200] if parts.netloc else parts.path[:100]
