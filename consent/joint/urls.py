from __future__ import annotations

from django.urls import URLPattern, path

from consent.joint import views

app_name = "joint"
urlpatterns: list[URLPattern] = [
    path("<slug:slug>/stop/", views.stop, name="stop"),
    path("<slug:slug>/allow/", views.allow, name="allow"),
]
