"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("audit/", soon, name="audit"),
]
