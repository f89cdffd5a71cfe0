from __future__ import annotations

from typing import Any

from django import forms

from partners.drafts.models import Source
from partners.drafts.reading.asvs import LEVELS
from partners.organizations.models import Organization
from partners.questionnaires.models import Template


class ImportForm(forms.Form):
    source = forms.TypedChoiceField(label="What is it?", choices=Source, coerce=Source)
    file = forms.FileField(label="File", help_text="JSON, up to 5 MB.")
    level = forms.TypedChoiceField(
        label="Level",
        coerce=int,
        choices=[(level, f"Up to level {level}") for level in LEVELS],
        help_text="For ASVS: which requirements are asked about.",
        required=False,
        empty_value=None,
    )
    title = forms.CharField(
        label="Title", max_length=120, required=False, help_text="For VSAQ, which has none."
    )
    code = forms.SlugField(
        label="Code", max_length=60, required=False, help_text="For VSAQ, such as web-apps."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["level"] = cleaned.get("level") or LEVELS[0]
        if cleaned.get("source") == Source.VSAQ:
            for name in ("title", "code"):
                if not cleaned.get(name):
                    self.add_error(name, "A VSAQ file has none, so give it one.")
        return cleaned


class AskForm(forms.Form):
    """Which partner is asked which questionnaire; none means: the one that fits its reach."""

    organization = forms.ModelChoiceField(
        Organization.objects.exclude(status=Organization.Status.CLOSED).order_by("name", "pk"),
        label="Partner",
    )
    template = forms.ModelChoiceField(
        Template.objects.order_by("title", "pk"),
        label="Questionnaire",
        required=False,
        empty_label="The one that fits what it can reach",
    )
