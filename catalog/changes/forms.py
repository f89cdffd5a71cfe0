from __future__ import annotations

from collections.abc import Sequence

from django import forms

from catalog.apis.models import ApiVersion
from catalog.changes.diff.rules import Level


class NewsWishes(forms.Form):
    """What a reader wants to see, from the address. A wish that makes no sense is left out."""

    only = forms.ChoiceField(required=False, choices=[("breaking", "What breaks programs")])

    def read(self) -> bool:
        self.is_valid()
        return bool(self.cleaned_data.get("only"))


class LevelWishes(forms.Form):
    level = forms.ChoiceField(required=False, choices=[(level.value, level) for level in Level])

    def read(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("level") or "")


class CompareForm(forms.Form):
    """Two versions of an API, by their labels."""

    old = forms.ChoiceField(label="From")
    new = forms.ChoiceField(label="To")

    def __init__(self, data: object, *, versions: Sequence[ApiVersion]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a query, or the versions to begin with
        self.versions = {version.label: version for version in versions}
        for name in ("old", "new"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = [(label, label) for label in self.versions]

    def chosen(self) -> tuple[ApiVersion, ApiVersion] | None:
        if not self.is_valid():
            return None
        return self.versions[self.cleaned_data["old"]], self.versions[self.cleaned_data["new"]]
