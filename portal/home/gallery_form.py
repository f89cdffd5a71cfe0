from __future__ import annotations

from django import forms

from portal.ui.forms import Choice


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label="Application name", help_text="Customers see it when they are asked to agree."
    )
    website = forms.URLField(required=False, assume_scheme="https")
    client_id = forms.CharField(
        label="Client ID",
        required=False,
        widget=forms.TextInput(attrs={"readonly": True, "class": "input--code"}),
    )
    owner = forms.ChoiceField(choices=[("", "Choose a person"), ("amara", "Amara Okafor")])
    about = forms.CharField(label="What it does", widget=forms.Textarea(attrs={"rows": 3}))
    who = forms.ChoiceField(
        label="Who will use it?",
        widget=forms.RadioSelect,
        choices=[
            ("customers", Choice("Our customers", "Needs their consent")),
            ("staff", Choice("Only our staff", "No consent, fewer scopes")),
        ],
    )
    news = forms.BooleanField(label="Tell me about new versions", required=False)
