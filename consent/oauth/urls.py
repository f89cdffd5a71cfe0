from django.urls import path

from consent.oauth import api, grants_api, logout, pages, userinfo, views
from consent.oauth.verification import views as verification

app_name = "oauth"
urlpatterns = [
    path("oauth/par", api.par, name="par"),
    path("oauth/authorize", views.authorize, name="authorize"),
    path("oauth/token", api.token, name="token"),
    path("oauth/device_authorization", api.device_authorization, name="device_authorization"),
    path("oauth/introspect", api.introspect, name="introspect"),
    path("oauth/revoke", api.revoke, name="revoke"),
    path("oauth/userinfo", userinfo.userinfo, name="userinfo"),
    path("oauth/logout", logout.logout, name="logout"),
    path("oauth/logout/confirm", logout.confirm, name="confirm_logout"),
    path("device/", verification.device, name="device"),
    path("device/answered/", verification.answered, name="device_answered"),
    path("apps/<slug:slug>/log/", pages.log, name="log"),
    path("oauth/grants/<uuid:grant_id>", grants_api.grant, name="grant"),
    path(".well-known/oauth-authorization-server", api.authorization_server, name="metadata"),
    path(".well-known/openid-configuration", api.authorization_server, name="discovery"),
    path(".well-known/oauth-protected-resource", userinfo.resource_metadata, name="resource"),
    path(
        ".well-known/oauth-protected-resource/<path:path>",
        userinfo.resource_metadata,
        name="resource_below",
    ),
]
