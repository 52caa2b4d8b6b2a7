"""Addresses of the audit trail."""

from django.urls import path

from dashboard.views import audit

urlpatterns = [
    path("audit/", audit.page, name="audit"),
]
