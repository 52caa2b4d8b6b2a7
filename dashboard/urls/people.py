"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("people/", soon, name="people"),
    path("people/add/", soon, name="person_add"),
    path("people/<int:pk>/", soon, name="person"),
    path("people/<int:pk>/link/", soon, name="person_link"),
    path("people/<int:pk>/disable/", soon, name="person_disable"),
    path("people/<int:pk>/enable/", soon, name="person_enable"),
    path("account/", soon, name="account"),
    path("account/theme/", soon, name="theme"),
]
