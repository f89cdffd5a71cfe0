from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from catalog.specs.sources import Source
from portal.errors import Refused


class ImportForm(forms.Form):
    """A file or an address, whichever is at hand; cleaned, it is the bytes and their source."""

    file = forms.FileField(
        required=False,
        label="File",
        help_text="OpenAPI 3.0, 3.1 or 3.2 or Swagger 2.0, as JSON or YAML.",
        widget=forms.FileInput(attrs={"accept": ".json,.yaml,.yml,application/json"}),
    )
    url = forms.URLField(
        required=False,
        label="Address",
        max_length=2000,
        assume_scheme="https",
        help_text="We fetch it once, now. It begins with https:// and is on the public internet.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, url = cleaned.get("file"), str(cleaned.get("url") or "")
        if self.errors:
            return cleaned
        if bool(file) == bool(url):
            raise forms.ValidationError("Give a file or an address, not both.", code="one")
        if file:
            if file.size > settings.SPEC_MAX_BYTES:
                self.add_error("file", f"Choose a file under {settings.SPEC_MAX_BYTES:,} bytes.")
                return cleaned
            return {"raw": file.read(), "source": file.name or "upload"}
        try:
            return {"raw": Source(url).read(), "source": url}
        except Refused as refusal:
            self.add_error("url", str(refusal))
            return cleaned
