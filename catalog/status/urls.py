from django.urls import URLPattern, path

from catalog.status import views

app_name = "status"
urlpatterns: list[URLPattern] = [
    path("<slug:slug>/status.md", views.status_text, name="status_text"),
    path("<slug:slug>/status/", views.status, name="status"),
]
