"""Addresses of this area."""

from django.urls import path

from dashboard.views.soon import soon

urlpatterns = [
    path("catalogue/", soon, name="catalogue"),
    path("catalogue/<slug:provider>/<slug:kind>/", soon, name="items"),
    path("catalogue/<slug:provider>/<slug:kind>/add/", soon, name="item_add"),
    path("catalogue/<slug:provider>/<slug:kind>/fetch/", soon, name="items_fetch"),
    path("catalogue/items/<int:pk>/", soon, name="item"),
    path("catalogue/items/<int:pk>/archive/", soon, name="item_archive"),
    path("catalogue/items/<int:pk>/restore/", soon, name="item_restore"),
]
