"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("connections/", soon, name="connections"),
    path("connections/add/<slug:provider>/", soon, name="connection_add"),
    path("connections/stop/", soon, name="desk_stop"),
    path("connections/go-on/", soon, name="desk_resume"),
    path("connections/<slug:name>/", soon, name="connection"),
    path("connections/<slug:name>/edit/", soon, name="connection_edit"),
    path("connections/<slug:name>/secrets/", soon, name="connection_secrets"),
    path("connections/<slug:name>/pause/", soon, name="connection_pause"),
    path("connections/<slug:name>/resume/", soon, name="connection_resume"),
    path("connections/<slug:name>/test/", soon, name="connection_test"),
    path("connections/<slug:name>/health/", soon, name="connection_health"),
    path("connections/<slug:name>/archive/", soon, name="connection_archive"),
]
