"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("sign-in/", soon, name="sign_in"),
    path("sign-out/", soon, name="sign_out"),
    path("password/<uidb64>/<token>/", soon, name="password_link"),
    path("healthz", soon, name="healthz"),
    path("readyz", soon, name="readyz"),
    path("csp-report/", soon, name="csp_report"),
]
