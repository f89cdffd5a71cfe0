from __future__ import annotations

from typing import Any

from django import forms

from partners.organizations.words import plain_text
from partners.remarks.models import MAX_LENGTH, Thread


class RemarkForm(forms.Form):
    text = forms.CharField(
        label="What you want to say",
        max_length=MAX_LENGTH,
        validators=[plain_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    audience = forms.ChoiceField(
        label="Who reads it", choices=Thread.Audience.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, is_reviewer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_reviewer:
            del self.fields["audience"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "audience" in cleaned:
            cleaned["audience"] = Thread.Audience(cleaned["audience"])
        return cleaned
