from django.urls import URLPattern, path

from portal.audit import views

app_name = "audit"
urlpatterns: list[URLPattern] = [
    path("", views.log, name="log"),
    path("export/", views.export, name="export"),
]
