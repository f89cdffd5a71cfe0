from __future__ import annotations

from django import forms

from partners.organizations.countries import COUNTRIES
from partners.organizations.models import Organization
from partners.organizations.words import https_address, plain_line, plain_text


class ProfileForm(forms.Form):
    country = forms.ChoiceField(choices=[("", "Choose a country"), *COUNTRIES])
    city = forms.CharField(max_length=60, required=False, validators=[plain_line])
    website = forms.URLField(
        max_length=200,
        required=False,
        assume_scheme="https",
        validators=[https_address],
        widget=forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"}),
    )
    sector = forms.ChoiceField(
        label="What you work in", choices=[("", "Choose one"), *Organization.SECTORS]
    )


class JoinForm(ProfileForm):
    name = forms.CharField(
        label="Name of your organisation",
        help_text="As customers know it. It stands on every page that asks for their data.",
        max_length=80,
        validators=[plain_line],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    field_order = ["name", "country", "city", "website", "sector"]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        help_text="The partner reads it, so say what happened and what they can do.",
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
