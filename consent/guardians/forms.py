from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from consent.arrangements.periods import Period


class AnswerForm(forms.Form):
    """What a guardian says to a question: `lines` are what was asked, in words."""

    decision = forms.ChoiceField(choices=[("allow", "Allow"), ("deny", "Don’t allow")])
    g = forms.MultipleChoiceField(required=False)
    until = forms.ChoiceField(required=False, label=gettext_lazy("For how long?"))

    def __init__(
        self,
        *args: Any,
        lines: Sequence[dict[str, Any]],
        periods: Sequence[Period],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.needed = [line["scope"] for line in lines if line["is_required"]]
        optional = [(line["scope"], line["label"]) for line in lines if not line["is_required"]]
        self.fields["g"].choices = optional  # type: ignore[attr-defined] # a choice field
        choices = [(period.code, period.label) for period in periods]
        self.fields["until"].choices = choices  # type: ignore[attr-defined] # and this
        self.fields["until"].required = self.data.get("decision") == "allow"

    @property
    def scopes(self) -> list[str]:
        return [*self.needed, *self.cleaned_data["g"]]
