"""Addresses of the history."""

from django.urls import path

from dashboard.views import history

urlpatterns = [
    path("history/", history.page, name="history"),
    path("history/search/", history.look, name="history_search"),
]
