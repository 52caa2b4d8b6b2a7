"""Addresses of people and of one's own account."""

from django.urls import path

from dashboard.views import account, people

urlpatterns = [
    path("people/", people.page, name="people"),
    path("people/add/", people.add, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/link/", people.link, name="person_link"),
    path("people/<int:pk>/disable/", people.disable, name="person_disable"),
    path("people/<int:pk>/enable/", people.enable, name="person_enable"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="account_password"),
    path("account/sessions/end/", account.end_sessions, name="account_sessions_end"),
    path("account/theme/", account.theme, name="theme"),
]
