from django.urls import URLPattern, path

from partners.applications import client_pages, key_pages, staff_pages, views

app_name = "applications"
urlpatterns: list[URLPattern] = [
    path("apps/", views.index, name="list"),
    path("apps/new/", views.register, name="register"),
    path("apps/<slug:slug>/", views.application, name="application"),
    path("apps/<slug:slug>/redirects/", views.redirects, name="redirects"),
    path("apps/<slug:slug>/scopes/", views.scopes, name="scopes"),
    path("apps/<slug:slug>/close/", views.closing, name="close"),
    path("apps/<slug:slug>/<slug:environment>/keys/", key_pages.keys, name="keys"),
    path("apps/<slug:slug>/<slug:environment>/sign-in/", client_pages.sign_in, name="sign_in"),
    path(
        "apps/<slug:slug>/<slug:environment>/cases/",
        client_pages.detail_types,
        name="detail_types",
    ),
    path("apps/<slug:slug>/<slug:environment>/credentials/", views.credentials, name="credentials"),
    path(
        "apps/<slug:slug>/<slug:environment>/credentials/<int:number>/revoke/",
        views.revocation,
        name="revoke",
    ),
    path("console/applications/", staff_pages.directory, name="directory"),
    path("console/applications/<slug:slug>/", staff_pages.console, name="console"),
    path(
        "console/applications/<slug:slug>/reinstatement/",
        staff_pages.reinstatement,
        name="reinstatement",
    ),
]
