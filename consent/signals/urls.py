from django.urls import path

from consent.signals import api

app_name = "signals"
urlpatterns = [
    path("oauth/signals", api.news, name="news"),
    path("oauth/signals/poll", api.poll, name="poll"),
]
