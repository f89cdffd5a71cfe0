from django.urls import path

from consent.keys import api

app_name = "keys"
urlpatterns = [path("oauth/jwks", api.jwks, name="jwks")]
