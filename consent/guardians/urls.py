from __future__ import annotations

from django.urls import URLPattern, path

from consent.guardians import views

app_name = "guardians"
urlpatterns: list[URLPattern] = [
    path("", views.children, name="children"),
    path("<uuid:link_id>/", views.child, name="child"),
    path("<uuid:link_id>/questions/<uuid:approval_id>/", views.question, name="question"),
    path("<uuid:link_id>/apps/<slug:slug>/", views.sharing, name="sharing"),
    path("<uuid:link_id>/apps/<slug:slug>/stop/", views.stop, name="stop"),
    path("<uuid:link_id>/apps/<slug:slug>/confirm/", views.confirm, name="confirm"),
    path("<uuid:link_id>/stop-all/", views.stop_all, name="stop_all"),
]
