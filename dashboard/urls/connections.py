"""Addresses of the connections."""

from django.urls import path

from dashboard.views import connection_actions as actions
from dashboard.views import connections as views

urlpatterns = [
    path("connections/", views.index, name="connections"),
    path("connections/add/<slug:provider>/", views.add, name="connection_add"),
    path("connections/stop/", actions.stop, name="desk_stop"),
    path("connections/go-on/", actions.go_on, name="desk_resume"),
    path("connections/<slug:name>/", views.page, name="connection"),
    path("connections/<slug:name>/edit/", views.edit, name="connection_edit"),
    path("connections/<slug:name>/secrets/", views.secrets_page, name="connection_secrets"),
    path("connections/<slug:name>/pause/", actions.pause, name="connection_pause"),
    path("connections/<slug:name>/resume/", actions.resume, name="connection_resume"),
    path("connections/<slug:name>/test/", actions.test, name="connection_test"),
    path("connections/<slug:name>/health/", views.health, name="connection_health"),
    path("connections/<slug:name>/archive/", actions.archive, name="connection_archive"),
]
