from __future__ import annotations

from django import forms

from partners.assessors.models import LONGEST
from partners.organizations.models import Organization
from partners.organizations.words import plain_line


class EngageForm(forms.Form):
    organization = forms.ModelChoiceField(
        label="Partner",
        queryset=Organization.objects.exclude(status=Organization.Status.CLOSED).order_by("name"),
    )
    firm = forms.CharField(label="Who they work for", max_length=120, validators=[plain_line])
    email = forms.EmailField(
        label="Email", help_text="They sign in, or sign up, with exactly this address."
    )
    days = forms.IntegerField(
        label="For how many days", min_value=1, max_value=LONGEST.days, initial=14
    )
