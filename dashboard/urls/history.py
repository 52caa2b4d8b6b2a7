"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("history/", soon, name="history"),
    path("history/search/", soon, name="history_search"),
]
