from django.urls import URLPattern, path

from partners.organizations import views

app_name = "organizations"
urlpatterns: list[URLPattern] = [
    path("join/", views.join, name="join"),
    path("team/", views.team, name="team"),
    path("settings/", views.settings, name="settings"),
    path("console/partners/", views.directory, name="directory"),
    path("console/partners/<slug:slug>/", views.partner, name="partner"),
    path("console/partners/<slug:slug>/suspension/", views.suspension, name="suspension"),
    path("console/partners/<slug:slug>/reinstatement/", views.reinstatement, name="reinstatement"),
]
