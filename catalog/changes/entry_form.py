from __future__ import annotations

from django import forms


class EntryForm(forms.Form):
    title = forms.CharField(label="In a few words", max_length=160)
    words = forms.CharField(
        label="What callers should know",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Markdown. The list of changes stands below it by itself.",
    )
