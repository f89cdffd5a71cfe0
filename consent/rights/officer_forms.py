from __future__ import annotations

from django import forms

from consent.rights.actions import EXTENSIONS, MAX_WORDS
from consent.rights.models import Hold


class AnswerForm(forms.Form):
    is_granted = forms.TypedChoiceField(
        label="Decision",
        choices=[("yes", "We do what is asked"), ("no", "We turn it down")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="What the person reads",
        help_text="What was decided and why, in plain words.",
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ExtensionForm(forms.Form):
    reason = forms.ChoiceField(label="Why", choices=list(EXTENSIONS.items()))


class HoldForm(forms.Form):
    reference = forms.UUIDField(
        label="Customer’s reference",
        help_text="As the court, the authority or the customer gave it. No name is shown here.",
        error_messages={"invalid": "A reference has 32 digits and letters with dashes between."},
    )
    reason = forms.ChoiceField(label="Why", choices=Hold.Reason.choices)
