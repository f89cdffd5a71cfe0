from allauth.account import views as account
from allauth.mfa.urls import urlpatterns as mfa
from allauth.usersessions import views as usersessions
from django.urls import URLPattern, URLResolver, include, path, re_path

from portal.accounts import views

ours = [path("profile/", views.profile, name="profile")]

# The library's pages keep the names by which it finds them itself.
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-up/", account.signup, name="account_signup"),
    path("sign-up/passkey/", account.signup_by_passkey, name="account_signup_by_passkey"),
    path("sign-in/", account.login, name="account_login"),
    path("accounts/", include((ours, "accounts"))),
    path("language/", views.language, name="language"),
    path("accounts/sign-out/", account.logout, name="account_logout"),
    path("accounts/closed/", account.account_inactive, name="account_inactive"),
    path("accounts/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/email/", account.email, name="account_email"),
    path(
        "accounts/email/code/",
        account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/password/forgotten/", account.password_reset, name="account_reset_password"),
    path(
        "accounts/password/forgotten/sent/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "accounts/password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/security/", include(mfa)),
    path("accounts/sessions/", usersessions.list_usersessions, name="usersessions_list"),
]
