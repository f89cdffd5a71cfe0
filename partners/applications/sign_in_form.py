from __future__ import annotations

from typing import Any

from django import forms

from partners.applications.models import Client
from partners.applications.profiles import ALGORITHMS
from partners.applications.redirects import MAX_COUNT, MAX_LENGTH
from portal.ui.forms import Choice

_SAID = {
    "ES256": "What most libraries expect from us",
    "PS256": "RSA, for software without elliptic curves",
    "EdDSA": "Ed25519",
}


class SignInForm(forms.Form):
    algorithm = forms.ChoiceField(
        label="How id tokens are signed",
        choices=[(name, Choice(name, _SAID[name])) for name in ALGORITHMS],
        widget=forms.RadioSelect,
    )
    post_logout_redirect_uris = forms.CharField(
        label="Where customers come back to after signing out",
        help_text="One address on each line, exactly as your application sends it.",
        required=False,
        max_length=MAX_COUNT * (MAX_LENGTH + 2),
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "input--code", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    backchannel_logout_uri = forms.CharField(
        label="Where we tell you that a customer signed out",
        help_text="Such as https://app.example/logged-out; we send a signed logout token there.",
        required=False,
        max_length=MAX_LENGTH,
        widget=forms.TextInput(
            attrs={"class": "input--code", "spellcheck": "false", "autocomplete": "off"}
        ),
    )

    def clean_post_logout_redirect_uris(self) -> list[str]:
        lines = self.cleaned_data["post_logout_redirect_uris"].splitlines()
        return [line.strip() for line in lines if line.strip()]

    @staticmethod
    def of(client: Client) -> dict[str, Any]:
        """Return what the form says before anything is changed."""
        return {
            "algorithm": client.id_token_signed_response_alg,
            "post_logout_redirect_uris": "\n".join(client.post_logout_redirect_uris.split()),
            "backchannel_logout_uri": client.backchannel_logout_uri,
        }
