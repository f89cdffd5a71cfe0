from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import EMPTY_VALUES
from django.http import QueryDict  # noqa: TID251 - an address is what this form reads

from catalog.apis.models import Audience, Life
from catalog.apis.snippets import LANGUAGES
from catalog.scopes.models import Depth


class Wishes(forms.Form):
    """What a reader wants to see, from the address. A wish that makes no sense is left out."""

    def read(self) -> dict[str, Any]:
        self.is_valid()
        wishes = {name: self.cleaned_data.get(name) for name in self.fields}
        return wishes | {"known": self._known()}

    def _known(self) -> QueryDict:
        """Return the part of the address that was understood, for the links on the page."""
        known = QueryDict(mutable=True)
        for name, value in self.cleaned_data.items():
            if value not in EMPTY_VALUES:
                known[name] = str(value)
        return known


class ListWishes(Wishes):
    sector = forms.CharField(required=False, max_length=60)
    depth = forms.TypedChoiceField(
        required=False,
        choices=[("", "Any"), *Depth.choices],
        coerce=int,
        empty_value=None,
    )
    life = forms.ChoiceField(required=False, choices=[("", "Any"), *Life.choices])
    audience = forms.ChoiceField(required=False, choices=[("", "Any"), *Audience.choices])


class ReadingWishes(Wishes):
    lang = forms.ChoiceField(required=False, choices=list(LANGUAGES.items()))
    app = forms.SlugField(required=False, max_length=80)
    start = forms.IntegerField(required=False, min_value=0, max_value=100_000)


class TagWishes(Wishes):
    tag = forms.CharField(required=False, max_length=80)
