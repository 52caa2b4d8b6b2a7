"""Addresses of dispatches and their short lists."""

from django.urls import path

from dashboard.views import dispatches, lists

urlpatterns = [
    path("dispatches/<slug:ref>/", dispatches.page, name="dispatch"),
    path("dispatches/<slug:ref>/live/", dispatches.live, name="dispatch_live"),
    path("dispatches/<slug:ref>/cancel/", dispatches.cancel, name="dispatch_cancel"),
    path("dispatches/<slug:ref>/send-now/", dispatches.send_now, name="dispatch_send_now"),
    path("dispatches/<slug:ref>/reveal/", dispatches.reveal, name="dispatch_reveal"),
    path("dispatches/<slug:ref>/decide/", dispatches.decide, name="dispatch_decide"),
    path("dispatches/<slug:ref>/send-again/", dispatches.send_again, name="dispatch_send_again"),
    path("scheduled/", lists.scheduled, name="scheduled"),
    path("doubts/", lists.doubts, name="doubts"),
    path("doubts/decide/", lists.decide_doubts, name="doubts_decide"),
]
