from django.urls import path

from consent.arrangements.choices import views
from consent.arrangements.choices.dropping import drop

urlpatterns = [
    path("apps/stop-all/", views.stop_all, name="stop_all"),
    path("apps/<slug:slug>/change/", views.change, name="change"),
    path("apps/<slug:slug>/drop/", drop, name="drop"),
    path("apps/<slug:slug>/end/", views.shorten, name="shorten"),
    path("apps/<slug:slug>/pause/", views.pause, name="pause"),
    path("apps/<slug:slug>/resume/", views.resume, name="resume"),
    path("apps/<slug:slug>/stop/", views.stop, name="stop"),
]
