from __future__ import annotations

from django import forms


class DeviceForm(forms.Form):
    """The code that a device shows; people may type it as they like."""

    user_code = forms.CharField(
        label="Code on your device",
        help_text="Eight letters, such as BCDF-GHJK.",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Type the code that your device shows."},
    )
