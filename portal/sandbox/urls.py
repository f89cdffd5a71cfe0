from django.urls import path

from portal.sandbox import pages, views

app_name = "sandbox"
urlpatterns = [
    path("first-call/", pages.first_call, name="first_call"),
    path("first-call/start/", pages.start, name="start"),
    path("sandbox/<slug:api_slug>/<slug:version>/<path:rest>", views.call, name="call"),
]
