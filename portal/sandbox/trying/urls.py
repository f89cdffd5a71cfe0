from django.urls import path

from portal.sandbox.trying import views

app_name = "trying"
urlpatterns = [
    path("apis/<slug:slug>/<slug:label>/<slug:op>/try/", views.attempt, name="attempt"),
]
