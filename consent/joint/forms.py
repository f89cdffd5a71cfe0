from __future__ import annotations

from django import forms

from consent.arrangements.fields import ThingField, named


class JointForm(forms.Form):
    """Which of the things that are held together."""

    thing = ThingField()

    @property
    def named(self) -> tuple[str, str]:
        return named(self.cleaned_data["thing"])
