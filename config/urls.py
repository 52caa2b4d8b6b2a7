"""All addresses of the project."""

from __future__ import annotations

from django.urls import include, path

AREAS = ("access", "overview", "compose", "dispatches", "history", "catalogue", "connections", "people", "audit")
urlpatterns = [path("", include(f"dashboard.urls.{area}")) for area in AREAS]

handler400 = "dashboard.views.errors.bad_request"
handler403 = "dashboard.views.errors.forbidden"
handler404 = "dashboard.views.errors.not_found"
handler500 = "dashboard.views.errors.server_error"
