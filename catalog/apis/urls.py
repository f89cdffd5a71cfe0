from django.urls import URLPattern, path

from catalog.apis import views

app_name = "apis"
urlpatterns: list[URLPattern] = [
    path("", views.listing, name="list"),
    path("<slug:slug>/", views.api, name="api"),
    path("<slug:slug>/<slug:label>/", views.api, name="version"),
    path("<slug:slug>/<slug:label>/<slug:op>/", views.operation, name="operation"),
]
