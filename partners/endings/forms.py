from __future__ import annotations

from typing import Any

from django import forms

from partners.endings.models import Ending
from partners.organizations.models import Organization
from partners.organizations.words import plain_text


class EndForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        help_text="The partner reads it.",
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label="Name of the partner",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.fields["name"].help_text = f"Type {organization.name}: this cannot be undone."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.strip() != self.organization.name:
            raise forms.ValidationError("That is not the name of this partner.")
        return name


class AttestForm(forms.Form):
    data_is = forms.ChoiceField(
        label="What became of our customers’ data?",
        choices=Ending.DataIs.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Anything to add",
        help_text="Such as a certificate’s number, or what a law makes you keep, and how long.",
        required=False,
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("data_is") == Ending.DataIs.KEPT and not cleaned.get("note", "").strip():
            self.add_error("note", "Say what you keep, why, and for how long.")
        return cleaned
