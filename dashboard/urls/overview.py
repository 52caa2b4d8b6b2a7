"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("", soon, name="overview"),
    path("overview/figures/", soon, name="overview_figures"),
]
