from __future__ import annotations

from typing import Any

from django import forms

from catalog.scopes.models import DetailType
from partners.applications.models import Client
from portal.ui.forms import Choice


class DetailTypesForm(forms.Form):
    """`client` may choose among the types of the scopes that its application asks for."""

    types = forms.MultipleChoiceField(
        label="Which single cases it asks for",
        help_text="Choose none and it may ask for any of them.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = client.application.data_uses.values("scope__name")
        known = DetailType.objects.current().filter(scope_name__in=wanted).order_by("name")
        self.choices = [(kind.name, Choice(kind.title, kind.name)) for kind in known]
        self.fields["types"].choices = self.choices  # type: ignore[attr-defined] # a choice field
