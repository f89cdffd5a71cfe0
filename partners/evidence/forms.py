from __future__ import annotations

from django import forms

from partners.evidence.kinds import ACCEPTED, SPOKEN


class UploadForm(forms.Form):
    """One file; what is in it is for the action to judge."""

    file = forms.FileField(
        label="File",
        help_text=f"{SPOKEN}, up to 25 MB. A virus scan comes first; that takes a moment.",
        # An empty or a long-named file is refused with the rule's own code.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
