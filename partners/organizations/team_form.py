from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from partners.organizations.models import Membership
from partners.organizations.roles import CHOICES
from portal.access.actors import Role


class RolesForm(forms.Form):
    roles = forms.TypedMultipleChoiceField(
        label="Roles",
        choices=CHOICES,
        coerce=Role,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )


class InviteForm(RolesForm):
    email = forms.EmailField(
        label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    field_order = ["email", "roles"]


class OfferForm(forms.Form):
    steps_down = forms.TypedChoiceField(
        label="And you",
        choices=[
            ("yes", "I step down. I stay as an admin."),
            ("no", "I stay. We are both owners."),
        ],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.TypedChoiceField(
            label="To whom",
            choices=[(place.pk, str(place.user)) for place in people],
            coerce=int,
        )
        self.order_fields(["to", "steps_down"])


class DomainForm(forms.Form):
    name = forms.CharField(
        label="Domain",
        help_text="Such as halden.example, without https:// before it.",
        max_length=253,
    )
