from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

from catalog.specs.template import Beginning, TemplateInvalid, template
from portal.ui.forms import Choice


def address_or_page(value: str) -> None:
    """Accept what people can turn to: an e-mail address or a page."""
    try:
        (EmailValidator() if "@" in value else URLValidator(["https"]))(value)
    except ValidationError as error:
        raise ValidationError("Give an e-mail address or a page that begins with https.") from error


class BeginningForm(forms.Form):
    """What a new description begins with; cleaned, it is the `text` of the document as well."""

    name = forms.CharField(max_length=80, label="Name of the API")
    contact = forms.CharField(
        max_length=200,
        label="Whom to ask",
        help_text="The address of the team that owns it, or a page of theirs.",
        validators=[address_or_page],
    )
    things = forms.CharField(
        max_length=400,
        label="What it is about",
        help_text="Its things in the plural, with commas: parcels, sorting centres.",
    )
    audience = forms.ChoiceField(
        label="For whom",
        widget=forms.RadioSelect,
        initial="partner",
        choices=[("public", "Everybody"), ("partner", "Partners"), ("internal", "Ourselves")],
    )
    depth = forms.ChoiceField(
        label="How deep its data goes",
        widget=forms.RadioSelect,
        initial="personal",
        choices=[
            ("public", Choice("Public", "Everybody may know it.")),
            ("internal", Choice("Internal", "It is ours, and about nobody.")),
            ("personal", Choice("Personal", "It is about a person, who must agree.")),
            ("sensitive", Choice("Sensitive", "It could hurt a person, such as their health.")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        things = [one.strip() for one in re.split(r"[,\n]", cleaned["things"]) if one.strip()]
        beginning = Beginning(**{**cleaned, "things": things})
        try:
            cleaned["text"] = template(beginning, issuer=settings.ISSUER)
        except TemplateInvalid as refusal:
            self.add_error("things", str(refusal))
        return cleaned
