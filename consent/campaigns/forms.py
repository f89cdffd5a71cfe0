from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info

from catalog.scopes.models import Purpose
from consent.campaigns.actions import MAX_SUMMARY
from consent.campaigns.models import Campaign
from consent.notices.models import FALLBACK, PRIVACY, Notice
from partners.organizations.words import plain_line

LANGUAGES = [code for code, _ in settings.LANGUAGES]


class PlanForm(forms.Form):
    """Which change, what customers read about it in each language, and until when they answer."""

    about = forms.ChoiceField(
        label="What changed",
        help_text="Material versions of our notice that are in force, and purposes in new words.",
        error_messages={"required": "Choose what changed."},
    )
    deadline = forms.DateField(
        label="Customers answer before",
        help_text="At least 14 days ahead. Sharing without an answer ends as this day begins, UTC.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = _changes()  # type: ignore[attr-defined] # a ChoiceField
        for code in LANGUAGES:
            self.fields[f"summary_{code}"] = forms.CharField(
                label=f"What changed, in {language_of(code)}",
                help_text="One or two plain sentences that each customer reads."
                if code == FALLBACK
                else "",
                max_length=MAX_SUMMARY,
                validators=[plain_line],
                widget=forms.TextInput(attrs={"lang": code, "dir": "auto"}),
            )
        self.order_fields(["about", *(f"summary_{code}" for code in LANGUAGES), "deadline"])

    def clean_deadline(self) -> datetime:
        day: date = self.cleaned_data["deadline"]
        return datetime.combine(day, time(), tzinfo=UTC)

    def plan(self) -> dict[str, Any]:
        """Return what `plan_campaign` takes."""
        kind, code, version = self.cleaned_data["about"].split(":")
        summary = {code: self.cleaned_data[f"summary_{code}"] for code in LANGUAGES}
        return {
            "kind": kind,
            "code": code,
            "version": int(version),
            "summary": summary,
            "deadline": self.cleaned_data["deadline"],
        }


def language_of(code: str) -> str:
    """Return what a language is called in English, as the pages of staff are."""
    return str(get_language_info(code)["name"])


def _changes() -> list[tuple[str, str]]:
    """Return what somebody may have to agree to anew, newest first, without what is asked now."""
    taken = set(
        Campaign.objects.filter(status__in=Campaign.OPEN).values_list("kind", "code", "version")
    )
    now = timezone.now()
    notices = Notice.objects.material_since(0, at=now, code=PRIVACY).filter(locale=FALLBACK)
    purposes = Purpose.objects.current().filter(version__gt=1)
    found: list[tuple[tuple[str, str, int], str]] = [
        ((Campaign.Kind.NOTICE.value, one.code, one.version), f"{one.title}, version {one.version}")
        for one in notices.order_by("-version")
    ]
    found += [
        (
            (Campaign.Kind.PURPOSE.value, one.code, one.version),
            f"Purpose “{one.title}”, version {one.version}",
        )
        for one in purposes.order_by("-created_at")
    ]
    return [(":".join(map(str, key)), label) for key, label in found if key not in taken]
