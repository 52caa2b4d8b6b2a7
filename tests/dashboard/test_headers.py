"""Security headers on every answer, cross-site requests, request ids, health."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from dashboard.models import AuditEvent, Person, Worker
from dashboard.views import health
from tests.client import PageClient

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "report-uri /csp-report/",
}
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
ANSWERS = ["/sign-in/", "/account/", "/nothing/", "/healthz", "/readyz", "/people/add", "/sign-out/", "/password/x/y/"]


def static(name: str) -> str:
    return str(staticfiles_storage.url(name))


@pytest.mark.parametrize("path", [*ANSWERS, "static"])
def test_every_answer_carries_them(client: Client, path: str) -> None:
    response = client.get(static("css/tokens.css") if path == "static" else path)
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert {name: response[name] for name in EXPECTED} == EXPECTED
    assert "camera=()" in response["Permissions-Policy"]
    assert "Server" not in response
    assert "X-Powered-By" not in response


def test_an_answer_to_a_failure_carries_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.queries.health.readiness", lambda: 1 / 0)
    response = PageClient(raise_request_exception=False).get("/readyz")
    assert response.status_code == 500
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert {name: response[name] for name in EXPECTED} == EXPECTED


def test_the_policy_allows_nothing_unsafe_and_no_other_host(client: Client) -> None:
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert "data:" not in policy


def test_pages_are_not_kept_and_hashed_files_are(as_sam: Client) -> None:
    assert as_sam.get("/account/")["Cache-Control"] == "no-store"
    assert as_sam.get("/nothing/")["Cache-Control"] == "no-store"
    served = as_sam.get(static("css/tokens.css"), HTTP_ACCEPT_ENCODING="br")
    assert "immutable" in served["Cache-Control"]
    assert served["Content-Encoding"] == "br"


def test_hsts_holds_a_year_over_https(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    assert PageClient().get("/healthz", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")


def test_the_session_cookie_is_out_of_reach_of_scripts(client: Client, sam: Person) -> None:
    client.post("/sign-in/", {"username": "sam", "password": "a long enough password"})
    cookie = client.cookies[project.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert client.cookies[project.CSRF_COOKIE_NAME]["httponly"]


# --- who sent it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 302), ("none", 302), (None, 302)])
def test_a_post_from_another_site_is_refused(as_sam: Client, site: str | None, status: int) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert as_sam.post("/account/", {"time_zone": "UTC"}, headers=headers).status_code == status


def test_a_page_may_be_opened_from_another_site(as_sam: Client) -> None:
    assert as_sam.get("/account/", HTTP_SEC_FETCH_SITE="cross-site").status_code == 200


@pytest.mark.parametrize("path", ["/account/", "/sign-in/", "/sign-out/", "/account/theme/", "/people/add/"])
def test_every_post_needs_the_token(sam: Person, path: str) -> None:
    client = PageClient(enforce_csrf_checks=True)
    client.force_login(sam)
    response = client.post(path, {"time_zone": "UTC"})
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


def test_htmx_sends_the_token_in_a_header_and_is_bridled(as_sam: Client) -> None:
    page = as_sam.get("/account/").content.decode()
    assert "X-CSRFToken" in page
    start = page.index("content='", page.index("htmx-config")) + 9
    config = json.loads(page[start : page.index("'", start)])
    assert config["allowEval"] is config["allowScriptTags"] is config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True


# --- request ids ----------------------------------------------------------------------------------


def test_each_answer_names_its_request_and_events_do_too(client: Client, sam: Person) -> None:
    first = client.get("/sign-in/")["X-Request-ID"]
    response = client.post("/sign-in/", {"username": "sam", "password": "a long enough password"})
    assert len(first) == 32
    assert first != response["X-Request-ID"]
    assert AuditEvent.objects.get(action="access.signed_in").request_id == response["X-Request-ID"]


@pytest.mark.parametrize(("given", "taken"), [("abcdef-123456", True), ("short", False), ("bad\r\nid-forged", False), ("x" * 41, False)])
def test_a_proxys_id_and_address_are_taken_over_only_behind_one(client: Client, settings: Any, given: str, taken: bool) -> None:
    headers = {"X-Request-ID": given, "X-Forwarded-For": "1.2.3.4, 10.1.1.1"}
    assert client.get("/healthz", headers=headers)["X-Request-ID"] != given
    settings.BEHIND_PROXY = True
    assert (client.get("/healthz", headers=headers)["X-Request-ID"] == given) is taken
    client.post("/sign-in/", {"username": "nobody", "password": "x"}, headers=headers)
    assert AuditEvent.objects.get().address == "10.1.1.1"


# --- what watches ---------------------------------------------------------------------------------


def test_the_process_answers_without_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_means_database_migrations_and_a_worker(client: Client, settings: Any) -> None:
    assert client.get("/readyz").json() == {"database": True, "migrations": True, "worker": False}
    now = timezone.now()
    worker = Worker.objects.create(name="w", started_at=now, seen_at=now)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (200, True)

    worker.seen_at = now - timedelta(seconds=settings.WORKER_STALE + 1)
    worker.save()
    assert client.get("/readyz").status_code == 503


def test_missing_migrations_are_seen(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="dashboard").order_by("-id")[0].delete()
    assert client.get("/readyz").json()["migrations"] is False


# --- reports of browsers --------------------------------------------------------------------------

REPORT = {
    "csp-report": {
        "document-uri": "http://testserver/compose/?number=%2B14155550100",
        "violated-directive": "script-src",
        "blocked-uri": "https://evil.example/x.js?token=abc",
    }
}


@pytest.fixture(autouse=True)
def _no_reports_yet() -> Iterator[None]:
    yield
    health.written.clear()


def report(client: Client, body: bytes) -> int:
    return int(client.post("/csp-report/", body, content_type="application/csp-report").status_code)


def test_a_report_is_logged_without_query_strings(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "dashboard.views.health"):
        assert report(client, json.dumps(REPORT).encode()) == 204
    record = caplog.records[-1].__dict__
    assert (record["directive"], record["blocked"], record["page"]) == (
        "script-src",
        "https://evil.example/x.js",
        "http://testserver/compose/",
    )


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"csp-report": 1}', b"\xff\xfe", b'{"csp-report": {"blocked-uri": "http://["}}'])
def test_nonsense_does_no_harm(client: Client, body: bytes) -> None:
    assert report(client, body) == 204


def test_reports_are_capped_in_size_and_number(client: Client) -> None:
    assert report(client, b"x" * 9000) == 413
    statuses = [report(client, b"{}") for _ in range(health.MOST + 5)]
    assert statuses.count(204) == health.MOST
    assert statuses[-1] == 429
