from __future__ import annotations

from django import forms


class CaiqForm(forms.Form):
    file = forms.FileField(
        label="Your completed CAIQ",
        help_text="As CSV or JSON, up to 2 MB. We read ids and answers, nothing else is kept.",
        error_messages={"required": "Choose a file."},
    )
