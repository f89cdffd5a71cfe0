from __future__ import annotations

from django import forms

# An earlier end to choose from: in so many days.
EARLIER = (1, 7, 30, 90)


class ScopesField(forms.MultipleChoiceField):
    """Scopes by name. Which of them may be kept is for the action to say, on the newest state."""

    def valid_value(self, value: object) -> bool:
        return len(str(value)) <= 80


class ChangeForm(forms.Form):
    """What stays on, and the version that the page showed."""

    keep = ScopesField(required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class ShortenForm(forms.Form):
    """In how many days it ends, and the version that the page showed."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in EARLIER], coerce=int)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
