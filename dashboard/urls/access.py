"""Addresses of signing in, and of what watches the desk."""

from django.urls import path

from dashboard.views import access, health

urlpatterns = [
    path("sign-in/", access.sign_in, name="sign_in"),
    path("sign-out/", access.sign_out, name="sign_out"),
    path("password/<uidb64>/<token>/", access.password_link, name="password_link"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("csp-report/", health.csp_report, name="csp_report"),
]
