from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from consent.arrangements.dashboard import Sort, Tab, Wish


class WishForm(forms.Form):
    """What of the list is wanted. An address that says nonsense shows the first tab, whole."""

    tab = forms.ChoiceField(required=False, choices=[(tab.value, tab.value) for tab in Tab])
    q = forms.CharField(required=False, max_length=80, label=gettext_lazy("App or company"))
    kind = forms.SlugField(required=False, max_length=60, label=gettext_lazy("Data"))
    sort = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Order"),
        choices=[(sort.value, sort.label) for sort in Sort],
    )

    def wish(self) -> Wish:
        self.is_valid()
        said: dict[str, Any] = self.cleaned_data
        return Wish(
            tab=Tab(said.get("tab") or Tab.ACTIVE),
            words=said.get("q", ""),
            cluster=said.get("kind", ""),
            sort=Sort(said.get("sort") or Sort.NEWEST),
            page=self.data.get("page", "1"),
        )
