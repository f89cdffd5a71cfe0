from django.urls import URLPattern, path

from catalog.apis import text_views, views

app_name = "apis"
urlpatterns: list[URLPattern] = [
    path("", views.listing, name="list"),
    path("index.md", text_views.listing, name="list_text"),
    path("<slug:slug>.md", text_views.api, name="api_text"),
    path("<slug:slug>/<slug:label>.md", text_views.api, name="version_text"),
    path("<slug:slug>/<slug:label>/<slug:op>.md", text_views.operation, name="operation_text"),
    path("<slug:slug>/", views.api, name="api"),
    path("<slug:slug>/<slug:label>/", views.api, name="version"),
    path("<slug:slug>/<slug:label>/<slug:op>/", views.operation, name="operation"),
]
