"""Addresses of the overview."""

from django.urls import path

from dashboard.views import overview

urlpatterns = [
    path("", overview.page, name="overview"),
    path("overview/figures/", overview.part, name="overview_figures"),
]
