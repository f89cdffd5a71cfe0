from django.urls import URLPattern, path

from catalog.rules import views

app_name = "rules"
urlpatterns: list[URLPattern] = [
    path("rules/", views.listing, name="list"),
    path("rules/<slug:code>/", views.rule, name="rule"),
    path("console/rules/", views.overrides, name="overrides"),
    path("console/rules/<slug:code>/change/", views.change, name="change"),
    path("console/rules/<int:override_id>/restore/", views.restoration, name="restore"),
]
