from django.urls import URLPattern, path

from portal.insights import gap_views

app_name = "gaps"
urlpatterns: list[URLPattern] = [path("", gap_views.report, name="report")]
