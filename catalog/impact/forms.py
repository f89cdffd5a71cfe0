from __future__ import annotations

from typing import Any

from django import forms

from catalog.impact.actions import MAX_OPINION, MIN_OPINION
from catalog.impact.models import Assessment
from catalog.impact.questions import MAX_ANSWER, MAX_RISKS, QUESTIONS, Level, Risk
from portal.ui.forms import Choice

LEVELS = [("", "Choose"), *((level.value, level.value.capitalize()) for level in Level)]


class AnswersForm(forms.Form):
    """One field for each question; what is empty may be filled in later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in QUESTIONS:
            self.fields[question.code] = forms.CharField(
                label=question.text,
                help_text=question.hint,
                required=False,
                max_length=MAX_ANSWER,
                widget=forms.Textarea(attrs={"rows": 3}),
            )


class RiskForm(forms.Form):
    what = forms.CharField(label="What could go wrong", required=False, max_length=300)
    likelihood = forms.ChoiceField(label="How likely", required=False, choices=LEVELS)
    harm = forms.ChoiceField(label="How bad for people", required=False, choices=LEVELS)
    measure = forms.CharField(label="What is done about it", required=False, max_length=300)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if any(cleaned.values()) and not all(cleaned.values()):
            raise forms.ValidationError("Fill in all four, or leave the whole row empty.")
        return cleaned

    def risk(self) -> Risk | None:
        """Return the risk of this row; an empty row has none."""
        said = self.cleaned_data
        if not said.get("what"):
            return None
        return Risk(said["what"], Level(said["likelihood"]), Level(said["harm"]), said["measure"])


RisksForm = forms.formset_factory(
    RiskForm, extra=2, max_num=MAX_RISKS, validate_max=True, absolute_max=MAX_RISKS
)


class OpinionForm(forms.Form):
    decision = forms.ChoiceField(
        label="Decision",
        choices=[
            (Assessment.Status.APPROVED, Choice("Approve", "It may be published like this")),
            (Assessment.Status.RETURNED, Choice("Send back", "Something has to be answered first")),
            (Assessment.Status.REFUSED, Choice("Turn down", "It must not be published like this")),
        ],
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(
        label="Your opinion",
        help_text="What convinced you, or what is missing. It is signed together with the rest.",
        min_length=MIN_OPINION,
        max_length=MAX_OPINION,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
