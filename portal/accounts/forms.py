from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account import forms as library
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from portal.accounts.landing import opened_now

# Where the session keeps whom an application expects to sign in.
LOGIN_HINT = "login_hint"


class Plain:
    """Lets the label say what a field is for; a placeholder goes away when it is needed."""

    words: dict[str, Any] = {
        "login": gettext_lazy("Email"),
        "email": gettext_lazy("Email"),
        "oldpassword": gettext_lazy("Current password"),
        "password": gettext_lazy("Password"),
        "password1": gettext_lazy("New password"),
        "password2": gettext_lazy("New password, once more"),
        "code": gettext_lazy("Code"),
    }
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            if name.startswith("password"):
                field.help_text = ""


class SignInForm(Plain, library.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        self.fields["login"].initial = self.request.session.get(LOGIN_HINT, "")
        self.fields["remember"].label = gettext_lazy(
            "Keep me signed in on this computer for 7 days"
        )


class SignUpForm(Plain, library.SignupForm):
    words = {**Plain.words, "password1": gettext_lazy("Password")}
    opened = forms.CharField(required=False, widget=forms.HiddenInput, initial=opened_now)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "username"
        if not self.by_passkey:
            self.fields["password1"].help_text = gettext_lazy(
                "At least 12 characters. A sentence of your own does."
            )
        # The page hides the trap: our policy drops the style that the library writes into it.
        del self.fields[settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD].widget.attrs["style"]


class FirstPasskeyForm(Plain, webauthn.SignupWebAuthnForm):
    words = {**Plain.words, "name": gettext_lazy("Name of the passkey")}


class AddressForm(Plain, library.ChangeEmailForm):
    words = {"email": gettext_lazy("New email")}


class AddressCodeForm(Plain, library.ConfirmEmailVerificationCodeForm):
    pass


class ForgottenPasswordForm(Plain, library.ResetPasswordForm):
    pass


class NewPasswordForm(Plain, library.ResetPasswordKeyForm):
    pass


class PasswordForm(Plain, library.ChangePasswordForm):
    pass


class StillYouForm(Plain, library.ReauthenticateForm):
    pass


class FactorForm(Plain, mfa.AuthenticateForm):
    pass


class FactorAgainForm(Plain, mfa.ReauthenticateForm):
    pass


class AuthenticatorAppForm(Plain, totp.ActivateTOTPForm):
    words = {"code": gettext_lazy("The code that the app shows")}


class ProfileForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="How we address you, and how your team sees you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Dates and times are shown in it.",
        choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())],
    )
    locale = forms.ChoiceField(label="Language", choices=lambda: settings.LANGUAGES)
