from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from django import forms

from catalog.apis.models import ApiVersion
from catalog.plans.models import Environment


def _day(label: str, hint: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=hint, widget=widget)


class EndForm(forms.Form):
    deprecated_at = _day("Deprecated from", "From then on nobody should begin with it.")
    sunset_at = _day("Stops answering", "At the beginning of that day, UTC.")
    successor = forms.ChoiceField(label="What follows it", required=False)
    no_successor = forms.CharField(
        label="If nothing follows, what users do", required=False, max_length=300
    )
    guide = forms.CharField(
        label="How to move on",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Markdown.",
    )
    segments = forms.MultipleChoiceField(
        label="Who is told",
        choices=Environment.choices,
        initial=[Environment.SANDBOX.value, Environment.PRODUCTION.value],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, others: Iterable[ApiVersion]) -> None:
        super().__init__(data)
        self.others = {version.label: version for version in others}
        field = self.fields["successor"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Nothing"), *((label, label) for label in self.others)]

    def wishes(self) -> dict[str, Any]:
        """Return what the action takes: the beginnings of the days, and the version itself."""
        said = dict(self.cleaned_data)
        for name in ("deprecated_at", "sunset_at"):
            said[name] = datetime.combine(said[name], time.min, UTC)
        return said | {"successor": self.others.get(said["successor"])}


class LaterForm(forms.Form):
    sunset_at = _day("Stops answering", "Later than was announced.")

    def instant(self) -> datetime:
        return datetime.combine(self.cleaned_data["sunset_at"], time.min, UTC)
