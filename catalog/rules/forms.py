from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from catalog.apis.models import Api
from catalog.rules.models import Override
from portal.accounts.models import User


class OverrideForm(forms.Form):
    """Another level, for whom, why and until when; the day itself is still within."""

    level = forms.ChoiceField(choices=Override.Level, label="Level")
    api = forms.ModelChoiceField(
        Api.objects.order_by("name"), required=False, label="For one API", empty_label="–"
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="For the APIs of one owner",
        empty_label="–",
        help_text="Leave both empty, and it counts for every API.",
    )
    reason = forms.CharField(
        max_length=300, label="Why", help_text="Whoever owns the API reads this."
    )
    until = forms.DateField(
        label="Last day",
        help_text="Within a year, UTC. After it the rule’s own level counts again.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(owned_apis__isnull=False).distinct().order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined] # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("api") and cleaned.get("owner"):
            self.add_error("owner", "Choose an API or an owner, not both.")
        day = cleaned.get("until")
        if day is not None:
            today = timezone.now().date()
            if not today <= day < today + timedelta(days=Override.LONGEST_DAYS - 1):
                self.add_error("until", "Choose a day within the next year.")
            else:
                midnight = datetime.combine(day, time(), tzinfo=UTC)
                cleaned["until"] = midnight + timedelta(days=1)
        return cleaned
