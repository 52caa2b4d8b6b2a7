"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("compose/", soon, name="compose"),
    path("compose/paste/", soon, name="compose_paste"),
    path("compose/again/<slug:ref>/", soon, name="compose_again"),
    path("compose/<slug:connection>/<slug:action>/", soon, name="compose_form"),
    path("compose/<slug:connection>/<slug:action>/preview/", soon, name="compose_preview"),
    path("presets/", soon, name="presets"),
    path("presets/<uuid:uid>/", soon, name="preset_use"),
    path("presets/<uuid:uid>/delete/", soon, name="preset_delete"),
]
