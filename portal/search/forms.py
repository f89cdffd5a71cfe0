from __future__ import annotations

from django import forms

from catalog.apis.models import ApiVersion
from catalog.scopes.models import Depth

KINDS = {"apis": "APIs", "operations": "Operations", "fields": "Fields"}
LIVES = (
    (ApiVersion.Status.STABLE.value, "Current"),
    (ApiVersion.Status.BETA.value, "Preview"),
    (ApiVersion.Status.DEPRECATED.value, "Retiring"),
)


class SearchForm(forms.Form):
    """Read leniently: what is not understood is as if it had not been said."""

    q = forms.CharField(required=False, strip=True)
    kind = forms.ChoiceField(required=False, choices=list(KINDS.items()))
    depth = forms.TypedMultipleChoiceField(required=False, choices=Depth.choices, coerce=int)
    life = forms.MultipleChoiceField(required=False, choices=LIVES)
    page = forms.IntegerField(required=False, min_value=1, max_value=200)
