from django.urls import path

from consent.registration import api, views

app_name = "registration"
urlpatterns = [
    path("oauth/register", api.register, name="register"),
    path("oauth/register/<slug:client_id>", api.client, name="client"),
    path("registration-tokens/", views.tokens, name="tokens"),
    path("registration-tokens/<int:number>/revoke/", views.revocation, name="revoke"),
]
