from __future__ import annotations

from typing import Any

from django import forms

from partners.applications.keys import MAX_ADDRESS_LENGTH, MAX_SUBJECT_LENGTH
from portal.jwks import MAX_BYTES
from portal.ui.forms import Choice


class KeysForm(forms.Form):
    """One of three ways; the fields of the other two are ignored, and come back as they were."""

    way = forms.ChoiceField(
        label="How this client proves who it is",
        choices=[
            ("jwks", Choice("A key set", "You paste your public keys here")),
            (
                "jwks_uri",
                Choice("An address", "We read your public keys there"),
            ),
            ("certificate_subject", Choice("A certificate", "Of an authority that we trust")),
        ],
        widget=forms.RadioSelect,
    )
    jwks = forms.CharField(
        label="Key set",
        help_text='Public keys only: {"keys": [...]}, each P-256, Ed25519 or RSA from 2048 bits.',
        required=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "input--code", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    jwks_uri = forms.CharField(
        label="Address of the key set",
        help_text="Such as https://app.example/jwks.json",
        required=False,
        max_length=MAX_ADDRESS_LENGTH,
    )
    certificate_subject = forms.CharField(
        label="Subject of the certificate",
        help_text="As RFC 4514 writes it, such as CN=app.example,O=Example,C=LT",
        required=False,
        max_length=MAX_SUBJECT_LENGTH,
    )
    replace_all = forms.BooleanField(
        label="Replace all keys at once",
        help_text="Servers that sign with a key of before are refused from now on.",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        way = self.cleaned_data.get("way", "")
        if way and not self.cleaned_data.get(way) and way not in self.errors:
            self.add_error(way, "Fill this in.")
        return self.cleaned_data

    def wanted(self) -> dict[str, Any]:
        """Return what the action takes."""
        way = self.cleaned_data["way"]
        return {way: self.cleaned_data[way], "replace_all": self.cleaned_data["replace_all"]}
