from __future__ import annotations

from django import forms

from consent.arrangements.fields import ThingField, named

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


class DropForm(forms.Form):
    """One thing, the version that the page showed, and whether it said that all sharing ends."""

    thing = ThingField()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    ends = forms.BooleanField(required=False)

    @property
    def named(self) -> tuple[str, str]:
        return named(self.cleaned_data["thing"])


class ShortenForm(forms.Form):
    """In how many days it ends, and the version that the page showed."""

    days = forms.TypedChoiceField(choices=[(days, days) for days in EARLIER], coerce=int)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
