from __future__ import annotations

from django import forms


class ScopesField(forms.MultipleChoiceField):
    """Scopes by name. Which of them may be kept is for the action to say, on the newest state."""

    def valid_value(self, value: object) -> bool:
        return len(str(value)) <= 80


class ChangeForm(forms.Form):
    """What stays on, and the version that the page showed."""

    keep = ScopesField(required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
