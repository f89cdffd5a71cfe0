from __future__ import annotations

from datetime import date
from typing import TypedDict, cast

from django import forms

AREAS = (
    ("", "Any action"),
    ("partners.review.", "Reviews"),
    ("partners.questionnaire.", "Questionnaires"),
    ("partners.access.", "Access requests"),
    ("partners.subscription.", "Subscriptions"),
    ("partners.credential.", "Credentials"),
    ("partners.application.", "Applications"),
    ("partners.organization.", "Organisations"),
    ("consent.arrangement.", "Consents"),
    ("consent.token.", "Tokens"),
    ("consent.code.", "Codes that came back"),
    ("consent.refresh.", "Refresh tokens that came back"),
    ("catalog.", "Catalog"),
    ("accounts.", "Accounts"),
    ("audit.", "Reading of this log"),
)


class Wanted(TypedDict, total=False):
    """What to show of the log. `kind` is how it begins, `until` the last day that counts."""

    kind: str
    actor: str
    subject: str
    request_id: str
    since: date | None
    until: date | None


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class FilterForm(forms.Form):
    kind = forms.ChoiceField(
        label="Action",
        required=False,
        choices=AREAS,
        error_messages={"invalid_choice": "Choose an action from the list"},
    )
    actor = forms.CharField(label="Who", required=False, max_length=254)
    subject = forms.CharField(label="To", required=False, max_length=120)
    request_id = forms.CharField(label="Request id", required=False, max_length=64)
    since = _day("From")
    until = _day("To and with")

    def wanted(self) -> Wanted:
        """Return the filters that mean something; the others are shown as errors."""
        self.full_clean()
        return cast("Wanted", {name: value for name, value in self.cleaned_data.items() if value})
