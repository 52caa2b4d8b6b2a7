"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("dispatches/<slug:ref>/", soon, name="dispatch"),
    path("dispatches/<slug:ref>/live/", soon, name="dispatch_live"),
    path("dispatches/<slug:ref>/cancel/", soon, name="dispatch_cancel"),
    path("dispatches/<slug:ref>/release/", soon, name="dispatch_release"),
    path("dispatches/<slug:ref>/reveal/", soon, name="dispatch_reveal"),
    path("dispatches/<slug:ref>/decide/", soon, name="dispatch_decide"),
    path("dispatches/<slug:ref>/send-again/", soon, name="dispatch_send_again"),
    path("scheduled/", soon, name="scheduled"),
    path("doubts/", soon, name="doubts"),
    path("doubts/decide/", soon, name="doubts_decide"),
]
