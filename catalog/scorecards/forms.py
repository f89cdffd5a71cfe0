from __future__ import annotations

from django import forms

from catalog.apis.models import ApiVersion
from portal.accounts.models import User


class WishesForm(forms.Form):
    """Which scorecards to show."""

    owner = forms.ModelChoiceField(
        User.objects.filter(owned_apis__isnull=False).distinct().order_by("name"),
        required=False,
        label="Owner",
        empty_label="Anybody",
    )
    status = forms.ChoiceField(
        choices=[("", "Any"), *ApiVersion.Status.choices], required=False, label="Lifecycle"
    )
