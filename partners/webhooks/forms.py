from __future__ import annotations

from typing import Any

from django import forms

from partners.applications.models import Application
from partners.organizations.models import Organization
from partners.webhooks.addresses import valid_address
from partners.webhooks.models import Endpoint


class EndpointForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=500,
        validators=[valid_address],
        help_text="It begins with https:// and answers with any status from 200 to 299.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    format = forms.ChoiceField(
        label="Sent as",
        choices=Endpoint.Format.choices,
        initial=Endpoint.Format.STANDARD,
        help_text="Tokens tell of consents and data, signed with our keys (RFC 8417, RFC 8935).",
    )
    application = forms.ModelChoiceField(
        label="Application",
        queryset=Application.objects.none(),
        required=False,
        empty_label="All of them",
        help_text="Whose news the address hears.",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applications = Application.objects.filter(organization=organization).order_by("name")
        self.fields["application"].queryset = applications  # type: ignore[attr-defined] # a ModelChoiceField
