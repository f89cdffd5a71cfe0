from __future__ import annotations

import re
from typing import Any

from django import forms

from catalog.apis.models import ApiVersion, Audience
from catalog.scopes.models import Depth
from portal.search.finding import Filters
from portal.search.models import Flow, Kind

KINDS = {kind.name.lower() + "s": kind for kind in Kind}
LIVES = (
    (ApiVersion.Status.STABLE.value, "Current"),
    (ApiVersion.Status.BETA.value, "Preview"),
    (ApiVersion.Status.DEPRECATED.value, "Retiring"),
)
_CURSOR = re.compile(r"(-?\d{1,9})\.(\d{1,15})")
_MOST_VALUES = 20


class Words(forms.Field):
    """Any values at all: one that fits nothing finds nothing."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        return [str(each)[:60] for each in value or () if each][:_MOST_VALUES]


class SearchForm(forms.Form):
    """Read leniently: what is not understood is as if it had not been said."""

    q = forms.CharField(required=False, strip=True)
    kind = forms.ChoiceField(required=False, choices=[(name, name) for name in KINDS])
    depth = forms.TypedMultipleChoiceField(required=False, choices=Depth.choices, coerce=int)
    life = forms.MultipleChoiceField(required=False, choices=LIVES)
    flow = forms.MultipleChoiceField(required=False, choices=Flow.choices)
    sector = Words(required=False)
    owner = Words(required=False)
    audience = forms.MultipleChoiceField(required=False, choices=Audience.choices)
    after = forms.CharField(required=False)

    def read(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


def filters_of(asked: dict[str, Any]) -> Filters:
    return Filters(
        depths=asked["depth"],
        flows=asked["flow"],
        lives=asked["life"],
        sectors=asked["sector"],
        audiences=asked["audience"],
        owners=[int(each) for each in asked["owner"] if each.isdecimal() and len(each) < 10],
    )


def cursor_of(asked: dict[str, Any]) -> tuple[int, int] | None:
    found = _CURSOR.fullmatch(asked["after"])
    return (int(found[1]), int(found[2])) if found else None
