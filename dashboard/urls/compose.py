"""Addresses of the composer and its presets."""

from django.urls import path

from dashboard.views import compose, composing_from, presets

urlpatterns = [
    path("compose/", compose.choose, name="compose"),
    path("compose/paste/", composing_from.paste, name="compose_paste"),
    path("compose/again/<slug:ref>/", composing_from.again, name="compose_again"),
    path("compose/back/<slug:ref>/", composing_from.back, name="dispatch_release"),
    path("compose/<slug:connection>/suggestions/<slug:kind>/", compose.suggestions, name="compose_suggestions"),
    path("compose/<slug:connection>/<slug:action>/", compose.form, name="compose_form"),
    path("compose/<slug:connection>/<slug:action>/preview/", compose.live_preview, name="compose_preview"),
    path("presets/", presets.page, name="presets"),
    path("presets/<uuid:uid>/", presets.use, name="preset_use"),
    path("presets/<uuid:uid>/delete/", presets.delete, name="preset_delete"),
]
