from django.urls import URLPattern, path

from catalog.specs import views

app_name = "specs"
urlpatterns: list[URLPattern] = [
    path("", views.listing, name="list"),
    path("new/", views.beginning, name="new"),
    path("<slug:slug>/", views.api, name="api"),
    path("<slug:slug>/<slug:label>/publish/", views.publication, name="publish"),
]
