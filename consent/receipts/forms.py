from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from consent.receipts import checking
from consent.receipts.checking import Finding, NoReceipt


class CheckForm(forms.Form):
    """A receipt as a file or as text, or the two numbers that stand on a printed one."""

    file = forms.FileField(
        label=later("The receipt’s file"),
        help_text=later("The .json or .jws file that you downloaded or were given."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.jws,application/json"}),
    )
    text = forms.CharField(
        label=later("Or its text"),
        help_text=later("Paste all of it."),
        required=False,
        max_length=checking.MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
    )
    number = forms.CharField(label=later("Or its number"), required=False, max_length=40)
    sha256 = forms.CharField(
        label=later("and its fingerprint"),
        help_text=later("64 digits, with or without spaces."),
        required=False,
        max_length=200,
    )
    finding: Finding

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.finding = self._found(cleaned)
        except NoReceipt as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned

    def _found(self, given: dict[str, Any]) -> Finding:
        if given["file"]:
            return checking.check(given["file"].read(checking.MAX_BYTES + 1))
        if given["text"]:
            return checking.check(given["text"].encode())
        if given["number"] or given["sha256"]:
            return checking.check_number(given["number"], given["sha256"])
        raise NoReceipt(_("Choose a file, paste its text, or type its number and fingerprint."))
