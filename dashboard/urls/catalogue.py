"""Addresses of the catalogue."""

from django.urls import path

from dashboard.views import catalogue as views
from dashboard.views import catalogue_fetch

urlpatterns = [
    path("catalogue/", views.index, name="catalogue"),
    path("catalogue/items/<int:pk>/", views.item, name="item"),
    path("catalogue/<slug:provider>/<slug:kind>/", views.items, name="items"),
    path("catalogue/<slug:provider>/<slug:kind>/add/", views.add, name="item_add"),
    path("catalogue/<slug:provider>/<slug:kind>/fetch/", catalogue_fetch.fetch, name="items_fetch"),
    path("catalogue/items/<int:pk>/change/", views.change, name="item_change"),
    path("catalogue/items/<int:pk>/archive/", views.archive, name="item_archive"),
    path("catalogue/items/<int:pk>/restore/", views.restore, name="item_restore"),
]
