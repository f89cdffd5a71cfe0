from django.urls import URLPattern, path

from partners.endings import views

app_name = "endings"
urlpatterns: list[URLPattern] = [
    path("console/partners/<slug:slug>/ending/", views.console, name="console"),
    path("endings/<slug:slug>/", views.own, name="own"),
]
