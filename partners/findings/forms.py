from __future__ import annotations

from datetime import UTC, date, datetime, time

from django import forms

from partners.findings.models import Severity
from partners.organizations.models import Organization
from partners.organizations.words import plain_line, plain_text


class OpenForm(forms.Form):
    organization = forms.ModelChoiceField(
        label="Partner",
        queryset=Organization.objects.exclude(status=Organization.Status.CLOSED).order_by("name"),
    )
    title = forms.CharField(
        label="What is not right",
        help_text="The partner reads it.",
        max_length=300,
        validators=[plain_line],
    )
    severity = forms.ChoiceField(label="How bad", choices=Severity.choices)

    def clean_severity(self) -> Severity:
        return Severity(self.cleaned_data["severity"])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="How you know",
        help_text="The partner reads it.",
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AcceptForm(forms.Form):
    why = forms.CharField(
        label="Why we can live with it",
        max_length=500,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label="Until",
        help_text="At most 90 days from now. It ends at the beginning of that day, UTC.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_until(self) -> datetime:
        chosen: date = self.cleaned_data["until"]
        return datetime.combine(chosen, time(), tzinfo=UTC)
