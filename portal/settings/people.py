"""Accounts: sign-up, sign-in, second factors, sessions."""

from __future__ import annotations

from portal.settings.environment import DEMO, IS_SECURE, env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "portal.sandbox.adapters.StartingAccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.SignUpForm",
    "change_email": "portal.accounts.forms.AddressForm",
    "reset_password": "portal.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
    "change_password": "portal.accounts.forms.PasswordForm",
    "confirm_email_verification_code": "portal.accounts.forms.AddressCodeForm",
    "reauthenticate": "portal.accounts.forms.StillYouForm",
}
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.FactorForm",
    "reauthenticate": "portal.accounts.forms.FactorAgainForm",
    "activate_totp": "portal.accounts.forms.AuthenticatorAppForm",
    "signup_webauthn": "portal.accounts.forms.FirstPasskeyForm",
}
# Each is counted for one network address, and where it says `key` for one mail address. What a
# mail address gets in a day is counted in PostgreSQL: `portal.notifications.adapters`.
ACCOUNT_RATE_LIMITS = {
    "signup": "10/m/ip,60/h/ip",
    "confirm_email": "1/10s/key,60/h/ip",
    "reset_password": "10/m/ip,60/h/ip,3/m/key",
}
# How many proxies of ours stand in front and add to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PORTAL_PROXY_COUNT", 0)
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None  # the page asks
SESSION_COOKIE_AGE = 7 * 24 * 3600
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
MFA_ADAPTER = "portal.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = "Meridian"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
USERSESSIONS_TRACK_ACTIVITY = False
USERSESSIONS_ADAPTER = "portal.accounts.adapters.SessionsAdapter"
STAFF_NEED_SECOND_FACTOR = not DEMO
