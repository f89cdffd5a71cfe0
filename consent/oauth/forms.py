from __future__ import annotations

from typing import Any

from django import forms

from consent.arrangements.periods import Period


class DecisionForm(forms.Form):
    """What the customer chose on the screen; `notice` is what the screen showed."""

    decision = forms.ChoiceField(choices=[("allow", "Allow"), ("deny", "Don’t allow")])
    g = forms.MultipleChoiceField(required=False)
    until = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, notice: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(line["scope"], line["label"]) for line in notice["optional"]]
        self.fields["g"].choices = choices  # type: ignore[attr-defined] # a choice field
        self.periods = [Period.from_json(period) for period in notice["periods"]]
        periods = [(period.code, period.label) for period in self.periods]
        self.fields["until"].choices = periods  # type: ignore[attr-defined] # and this
        self.fields["until"].required = self.data.get("decision") == "allow"


class IntentForm(forms.Form):
    """Which screen was answered."""

    intent = forms.UUIDField()
